"""A form with all of a consultation's prompts at once: all of it is good, or nothing happens."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from core.consultations import Consultation
from core.events import ConsultationClosed, ConsultationLoaded, ConsultationOpened
from core.flows.documents import Checked, read_document
from core.inbound import Commanded, Pressed, Said, Submitted
from core.members import Address
from core.places import Place
from core.prompts import Value
from core.turns.forms import CONSENT, read_form
from core.turns.turn import Turn
from tests.fakes.town import Town

ANN = Address("slack:T1", "ann")
CHANNEL = Place("slack:T1", "C1", private=False)
FILE = """
consultation: all-kinds
title: All kinds
framing: One of each
prompts:
  - one: travel
    ask: How?
    options: {walk: On foot, car: By car}
    required: yes
  - text: why
    ask: Why by car?
    when: {travel: car}
    required: yes
  - many: wants
    ask: What?
    options: [Trees, Buses, Homes]
    at most: 2
  - rank: order
    ask: In which order?
    options: [First, Second, Third]
  - scale: happy
    ask: How happy?
  - number: years
    ask: How long?
    at least: 0
  - yesno: again
    ask: Again?
  - statement: slow
    ask: Slower cars
  - idea: thing
    ask: One thing?
    required: yes
  - idea: another
    ask: Another?
"""
GOOD: dict[str, str | tuple[str, ...]] = {
    CONSENT: "yes", "travel": ("walk",), "wants": ("trees", "buses"), "order": "Third, First, Second", "happy": ("4",),
    "years": "12.5", "again": ("no",), "slow": ("disagree",), "thing": "A bench at every stop", "another": " ",
}  # fmt: skip


def kinds() -> Consultation:
    checked = read_document(FILE)
    assert isinstance(checked, Checked), checked
    assert isinstance(checked.value, Consultation)
    return checked.value


@pytest.fixture
async def town() -> Town:
    town = Town()
    now = town.clock.now()
    await town.store.record([ConsultationLoaded(kinds(), now), ConsultationOpened("all-kinds", now)])
    return town


async def submits(
    town: Town, values: Mapping[str, str | tuple[str, ...]], place: Place = CHANNEL, slug: str = "all-kinds"
) -> Turn:
    turn = await town.does(ANN, Submitted(slug, values), place=place)
    assert turn
    return turn


async def answers(town: Town) -> Mapping[str, Value | None]:
    return await town.store.answers_at(ANN, "all-kinds")


async def problems(town: Town, values: Mapping[str, str | tuple[str, ...]]) -> dict[str, str]:
    """What is wrong; and that nothing else happened."""
    before, ideas = await answers(town), await town.store.ideas_of(ANN)
    turn = await submits(town, values)
    assert (turn.says, turn.events) == ((), ())
    assert (await answers(town), await town.store.ideas_of(ANN)) == (before, ideas)
    return {key: town.texts.say(problem, "en") for key, problem in turn.problems.items()}


async def test_a_good_form_is_taken_in_whole_and_answered_in_private(town: Town) -> None:
    turn = await submits(town, GOOD)
    assert turn.problems == {}
    idea = (await town.store.ideas_of(ANN))[0]
    assert idea.text == "A bench at every stop"
    assert await answers(town) == {
        "travel": "walk", "wants": ("trees", "buses"), "order": ("third", "first", "second"), "happy": 4, "years": 12.5,
        "again": "no", "slow": "disagree", "thing": idea.code, "another": None,
    }  # fmt: skip
    heard = await town.hears()
    assert {one.to for one in heard} == {Place.private_to(ANN)}
    assert idea.code in heard[0].message.text
    status = await town.store.status("all-kinds")
    assert status
    assert (status.begun, status.finished, status.ideas) == (1, 1, 1)


async def test_a_form_without_consent_keeps_nothing(town: Town) -> None:
    for consent in ("", "no", (), ("no",)):
        wrong = await problems(town, {**GOOD, CONSENT: consent})
        assert wrong == {CONSENT: "I can only keep your answers if you agree."}
    member = await town.store.member_at(ANN)
    assert member
    assert not member.has_consented
    await submits(town, {**GOOD, CONSENT: ("yes",)})
    member = await town.store.member_at(ANN)
    assert member
    assert member.has_consented


async def test_who_has_agreed_before_is_not_asked_again(town: Town) -> None:
    await submits(town, GOOD)
    assert (await submits(town, {**GOOD, CONSENT: "", "thing": ""})).problems == {}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"travel": ""}, "Please answer this one."),
        ({"travel": ()}, "Please answer this one."),
        ({"travel": ("boat",)}, "Please pick one of"),
        ({"travel": ("walk", "car")}, "Please pick one of"),
        ({"travel": ("car",)}, "Please answer this one."),
        ({"wants": ("trees", "buses", "homes")}, "at most 2"),
        ({"order": "First, Second"}, "in order"),
        ({"order": "First, First, Second"}, "in order"),
        ({"happy": "6"}, "from 1 to 5"),
        ({"years": "-1"}, "at least 0"),
        ({"years": "a while"}, "Please send a number"),
        ({"again": "perhaps"}, "yes or no"),
        ({"slow": "faster!"}, "agree, disagree or pass"),
        ({"thing": "  "}, "Please answer this one."),
        ({"thing": "?!"}, "in a few words"),
        ({"another": "x" * 2_001}, "please keep it to 2000"),
    ],
)
async def test_one_wrong_answer_stops_the_whole_form_and_is_named(
    town: Town, wrong: dict[str, str | tuple[str, ...]], why: str
) -> None:
    found = await problems(town, {**GOOD, **wrong})
    key = "why" if wrong == {"travel": ("car",)} else next(iter(wrong))
    assert list(found) == [key]
    assert why in found[key]


async def test_every_wrong_answer_is_named_at_once_and_an_empty_form_is_wrong_where_answers_are_needed(
    town: Town,
) -> None:
    assert set(await problems(town, {})) == {CONSENT, "travel", "thing"}
    assert set(await problems(town, {**GOOD, "happy": "9", "years": "x", "again": "?"})) == {"happy", "years", "again"}


async def test_what_is_not_asked_is_not_kept_though_it_was_filled_in(town: Town) -> None:
    await submits(town, {**GOOD, "why": "I have no car", "nonsense": "x"})
    assert set(await answers(town)) == set(GOOD) - {CONSENT}
    await submits(town, {**GOOD, "travel": ("car",), "why": "No bus", "thing": ""})
    assert (await answers(town))["why"] == "No bus"


async def test_a_second_form_changes_answers_and_leaves_the_idea_alone(town: Town) -> None:
    await submits(town, GOOD)
    first = (await answers(town))["thing"]
    turn = await submits(town, {**GOOD, "happy": ("2",), "thing": ""})
    assert turn.problems == {}
    assert ((await answers(town))["happy"], (await answers(town))["thing"]) == (2, first)
    assert len(await town.store.ideas_of(ANN)) == 1


async def test_new_words_in_a_second_form_are_a_new_idea(town: Town) -> None:
    await submits(town, GOOD)
    await submits(town, {**GOOD, "thing": "Benches with backs"})
    assert [idea.text for idea in await town.store.ideas_of(ANN)] == ["Benches with backs", "A bench at every stop"]


async def test_two_ideas_in_one_form_have_a_receipt_each(town: Town) -> None:
    await submits(town, {**GOOD, "another": "Shade at every stop"})
    ideas = await town.store.ideas_of(ANN)
    assert len({idea.code for idea in ideas}) == 2
    assert len({idea.source for idea in ideas}) == 2
    given = await answers(town)
    assert {given["thing"], given["another"]} == {idea.code for idea in ideas}


@pytest.mark.parametrize("slug", ["all-kinds", "gone", "", "x" * 3_000])
async def test_a_form_of_what_has_closed_or_never_was_is_answered_and_keeps_nothing(town: Town, slug: str) -> None:
    await town.store.record([ConsultationClosed("all-kinds", town.clock.now())])
    turn = await submits(town, GOOD, slug=slug)
    assert [town.texts.say(one, "en") for one in turn.problems.values()] == ["This consultation isn’t open any more."]
    assert await town.store.ideas_of(ANN) == ()


async def test_a_form_leaves_the_conversation_where_it_was(town: Town) -> None:
    await submits(town, GOOD)
    await town.does(ANN, Commanded("idea"))
    await submits(town, {**GOOD, "thing": ""})
    await town.does(ANN, Said("Shade at every stop", "m9"))
    assert "Shade at every stop" in [idea.text for idea in await town.store.ideas_of(ANN)]


async def test_a_form_sent_from_a_private_place_and_one_sent_late_are_as_good(town: Town) -> None:
    town.clock.move(timedelta(days=2))
    assert (await submits(town, GOOD, place=Place.private_to(ANN))).problems == {}
    assert await town.does(ANN, Pressed("begin:all-kinds"))


def test_a_prompt_that_an_earlier_wrong_answer_leads_to_is_not_asked_yet() -> None:
    read, wrong = read_form(kinds(), Submitted("all-kinds", {"travel": "boat"}), {})
    assert "why" not in read
    assert set(wrong) == {"travel", "thing"}
