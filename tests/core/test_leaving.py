"""Being forgotten is asked twice and then done; the file is what is kept, whole, as text that reads back."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from core.erasure import ERASED_WORDS, TheirWords, probe
from core.events import MemberForgotten
from core.flows.keeping import write_kept
from core.ideas import Idea
from core.inbound import Commanded, Deed, Left, Pressed, Said
from core.kept import ChatLine, Kept, KeptAddress, KeptAnswer
from core.members import Address, Member
from core.outbound import Key, Message
from core.places import Place, Source
from core.sessions import Idle, Leaving, Session, read_session, write_session
from core.stories import Entry, EntryKind
from core.turns.ideas import short
from core.turns.turn import Turn
from tests.fakes.town import Town

ANN = Address("telegram:1", "ann")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG = "Turn the old depot into a swimming bath, with a roof of glass, and let it be warm in winter"


async def _turn(town: Town, deed: Deed, place: Place | None = None) -> Turn:
    turn = await town.does(ANN, deed, place=place, name="Ann")
    assert turn is not None
    await town.hears()
    return turn


def _forgets(turn: Turn) -> bool:
    return any(isinstance(event, MemberForgotten) for event in turn.events)


# --- asked twice
@pytest.mark.parametrize(
    "pressed",
    [
        ("forget:certain",),
        ("forget:sure", "forget:certain"),
        ("forget", "forget:certain"),
        ("forget", "forget:sure", "forget", "forget:certain"),
        ("forget", "forget:sure", "me", "forget:certain"),
        ("forget", "forget:sure", "file", "forget:certain"),
        ("forget", "forget:sure", "forget:no", "forget:certain"),
        ("forget", "forget:sure", "stop", "forget:certain"),
    ],
)
async def test_nothing_is_forgotten_unless_both_questions_were_answered(pressed: tuple[str, ...]) -> None:
    town = Town()
    for action in pressed:
        assert not _forgets(await _turn(town, Pressed(action)))
    assert await town.store.member_at(ANN) is not None


async def test_pressing_the_first_button_twice_asks_the_second_question_twice() -> None:
    town = Town()
    for action in ("forget", "forget:sure", "forget:sure"):
        assert not _forgets(await _turn(town, Pressed(action)))
    assert _forgets(await _turn(town, Pressed("forget:certain")))
    assert await town.store.member_at(ANN) is None


async def test_the_two_questions_have_their_yes_in_different_places() -> None:
    town = Town()
    first = await _turn(town, Commanded("forget", "", "m1"))
    second = await _turn(town, Pressed("forget:sure"))
    yes = [[button.action for row in turn.says[0].buttons for button in row] for turn in (first, second)]
    assert yes[0].index("forget:sure") != yes[1].index("forget:certain")
    labels = {button.label for turn in (first, second) for row in turn.says[0].buttons for button in row}
    assert len(labels) == 4


@pytest.mark.parametrize(("minutes", "counts"), [(10, True), (11, False)])
async def test_a_first_yes_waits_ten_minutes_for_the_second(minutes: int, counts: bool) -> None:
    town = Town()
    await _turn(town, Pressed("forget"))
    await _turn(town, Pressed("forget:sure"))
    town.clock.move(timedelta(minutes=minutes))
    assert _forgets(await _turn(town, Pressed("forget:certain"))) is counts


@pytest.mark.parametrize("typed", ["Hm", "x" * 20, "/me", "/start"])
async def test_anything_else_that_is_typed_ends_the_asking(typed: str) -> None:
    town = Town()
    await _turn(town, Pressed("forget"))
    turn = await _turn(town, Said(typed, "m1"))
    assert not isinstance(turn.session.step, Leaving)


async def test_in_a_group_it_is_answered_in_private() -> None:
    town = Town()
    await _turn(town, Pressed("consent:yes"))
    turn = await _turn(town, Commanded("forget", "", "m1"), Place("telegram:1", "#town", private=False))
    assert {said.to for said in turn.says} == {Place.private_to(ANN)}


async def test_the_asking_survives_being_written_down() -> None:
    session = Session(Leaving(NOW.isoformat(), is_sure=True))
    assert read_session(write_session(session)) == session


async def test_a_farewell_that_does_not_arrive_makes_nobody_known_again() -> None:
    town = Town()
    for action in ("forget", "forget:sure", "forget:certain"):
        await _turn(town, Pressed(action))
    assert await town.does(ANN, Left("blocked")) is None
    assert await town.store.member_at(ANN) is None


async def test_stop_says_how_to_be_forgotten() -> None:
    turn = await _turn(Town(), Said("STOP", "m1"))
    assert "/forget" in str(turn.says)
    assert isinstance(turn.session.step, Idle)


# --- the file
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@example("\n", "\n", "a\rb\n")
@example("", "\x85", "\u2028a")
@given(TEXT, TEXT, TEXT)
def test_the_file_reads_back_as_what_was_kept(name: str, words: str, said: str) -> None:
    idea = Idea("K7M4-QX2P", 1, Source("t", "1", "2"), (Entry(EntryKind.SAID, NOW, words or "x", words or "y"),))
    kept = Kept(
        Member(1, name, "en"),
        (KeptAddress(ANN, NOW, session=write_session(Session(Leaving("")))),),
        answers=(KeptAnswer("city", "a", said, NOW, True), KeptAnswer("city", "b", (said, "x"), NOW, False)),
        ideas=(idea,),
        lines=(ChatLine(False, NOW, said or "x"),),
    )
    read = YAML(typ="safe", pure=True).load(StringIO(write_kept(kept)))
    assert read.get("name", "") == name
    assert read["ideas"][0]["story"][0]["words"] == (words or "x")
    assert read["ideas"][0]["story"][0]["reason"] == (words or "y")
    assert [one["answer"] for one in read["answers"]] == [said, [said, "x"]]
    assert read["web_chat"] == [{"at": "2026-03-02T12:00:00Z", "by": "you", "text": said or "x"}]
    assert read["addresses"][0]["conversation"]["at"] == "Leaving"


async def test_what_is_empty_is_left_out() -> None:
    assert write_kept(Kept(Member(1, "Ann", "en"))) == (
        "# Everything that Folkmoot keeps about you. All times are UTC.\nname: Ann\nlanguage: en\n"
    )


# --- words in what others wrote
@pytest.mark.parametrize(
    ("written", "without"),
    [
        (f"As you said: {LONG}!", "As you said: […]!"),
        (f"As you said: {LONG.upper()}!", "As you said: […]!"),
        (LONG.replace(" ", "\n "), "[…]"),
        (f"“{short(LONG)}” (received)", "“[…]” (received)"),
        ("“Kiosks!” is what they want", "“[…]” is what they want"),
        ('They said "kiosks!"', 'They said "[…]"'),
        ("Kiosks! And benches", "Kiosks! And benches"),
        ("The old depot is a bath", "The old depot is a bath"),
    ],
)
def test_words_are_taken_out_of_what_others_wrote(written: str, without: str) -> None:
    words = TheirWords.of([LONG, "Kiosks!"])
    assert words.out_of(written) == without
    assert words.are_in(written) == (written != without)
    message = Message(written, written, ((Key(written, "story:X"),),))
    assert words.out_of_message(message) == Message(without, without, ((Key(without, "story:X"),),))


def test_who_said_nothing_is_quoted_nowhere() -> None:
    words = TheirWords.of(["", " \n"])
    assert not words.are_in("")
    assert not words.are_in("anything")
    assert words.out_of("anything") == "anything"


SAID = st.text(min_size=1, max_size=120).map(str.strip).filter(bool)


@given(SAID, st.text(max_size=20), st.booleans())
def test_whatever_quotes_them_is_found_and_blackened(said: str, around: str, is_cut: bool) -> None:
    words = TheirWords.of([said])
    shown = short(said) if is_cut else said
    written = f"{around} “{shown}” {around}"
    assert words.are_in(written)
    assert ERASED_WORDS in words.out_of(written)
    position = 0
    for first in probe(" ".join(said.split())):  # as a database looks for them, with `_` for any one letter
        found = next((at for at in range(position, len(written)) if _stands(first, written[at:])), None)
        assert found is not None
        position = found + len(first)


def _stands(first: str, written: str) -> bool:
    return len(written) >= len(first) and all(
        one in ("_", other) for one, other in zip(first, written, strict=False)
    )  # fmt: skip
