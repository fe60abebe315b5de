"""What an author says about what became of their idea, and who supports it."""

from datetime import timedelta

import pytest

from core.actions import action
from core.bodies import Body, BodyKind, Remit
from core.events import BodiesLoaded, StoryContinued
from core.ideas import Idea
from core.inbound import Commanded, Deed, Pressed, Said
from core.ledger.files import read_receipt
from core.members import Address, Role
from core.outbound import File
from core.standings import Stage
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised
from tests.fakes.town import Heard, Town

ANN = Address("telegram:1", "ann")
BOB = Address("telegram:1", "bob")
PLANNING = Body(
    "planning", Localised.of("The Planning Commission"), BodyKind.COMMISSION, parent="moot", answer_days=30,
    remit=Remit(everything=True),
)  # fmt: skip
MOOT = Body("moot", Localised.of("The conference"), BodyKind.COMMITTEE, answer_days=60)


class Voices:
    """Ann has put an idea forward, and the Planning Commission has it."""

    def __init__(self) -> None:
        self.town = Town()
        self.code = ""

    async def begin(self) -> None:
        await self.town.store.record([BodiesLoaded((PLANNING, MOOT), ())])
        for who in (ANN, BOB):
            await self.press(who, Commanded("start"), "Yes, I agree")
        await self.town.does(ANN, Commanded("idea", "More benches by the river"))
        await self.town.hears()
        self.code = (await self.town.store.ideas_of(ANN))[0].code

    async def press(self, who: Address, deed: Deed, *labels: str) -> None:
        await self.town.does(who, deed)
        for label in labels:
            await self.town.hears()
            await self.town.does(who, self.town.button(label, who.user))

    async def happens(self, kind: EntryKind, **values: object) -> list[Heard]:
        """Something that is not its author's doing; gives what is then heard."""
        entry = Entry(kind, self.town.clock.now(), **values)  # type: ignore[arg-type]  # the caller names fields
        await self.town.store.record([StoryContinued(self.code, entry, len((await self.idea()).story))])
        return await self.town.hears()

    async def declined(self) -> list[Heard]:
        return await self.happens(
            EntryKind.DECLINED, body="planning", by=Role.SECRETARY, reason="There is no money for it"
        )

    async def idea(self) -> Idea:
        found = await self.town.store.idea(self.code)
        assert found
        return found

    async def says(self, who: Address, *words: str) -> list[Heard]:
        """Presses each that is a button in brackets, types the others; gives what is heard after the last."""
        heard: list[Heard] = []
        for one in words:
            is_button = one.startswith("[")
            deed: Deed = self.town.button(one[1:-1], who.user) if is_button else Said(one, str(len(one)))
            await self.town.does(who, deed)
            heard = await self.town.hears()
        return heard


@pytest.fixture
async def voices() -> Voices:
    made = Voices()
    await made.begin()
    return made


def text(heard: list[Heard]) -> str:
    return "\n".join(one.message.text for one in heard)


async def test_who_puts_an_idea_forward_learns_who_answers_it_and_by_when(voices: Voices) -> None:
    (said,) = [heard for heard in voices.town.heard if "receipt" in heard.message.text]
    assert "The Planning Commission answers it by 23 December 2026." in said.message.text


async def test_an_appeal_goes_to_the_next_body_up_with_its_words(voices: Voices) -> None:
    await voices.declined()
    await voices.says(ANN, "[Appeal]", "The money was set aside in June")
    idea = await voices.idea()
    assert idea.story[-1].text == "The money was set aside in June"
    assert (idea.standing.stage, idea.standing.with_body and idea.standing.with_body.body) == (Stage.WAITING, "moot")
    assert idea.standing.with_body
    assert idea.standing.with_body.days == 60


async def test_an_appeal_needs_no_words(voices: Voices) -> None:
    await voices.declined()
    await voices.says(ANN, "[Appeal]", "[Without words]")
    assert (await voices.idea()).story[-1].kind is EntryKind.APPEALED


async def test_only_its_author_may_appeal(voices: Voices) -> None:
    await voices.declined()
    await voices.town.does(BOB, Commanded("appeal", voices.code))
    assert "Only its author" in text(await voices.town.hears())


async def test_what_is_no_longer_open_is_told_as_it_stands(voices: Voices) -> None:
    await voices.declined()
    await voices.says(ANN, "[Appeal]", "[Without words]")
    await voices.town.does(ANN, Commanded("appeal", voices.code))
    assert "isn’t open any more" in text(await voices.town.hears())


async def test_stop_in_the_middle_of_an_appeal_stops(voices: Voices) -> None:
    await voices.declined()
    assert "won’t hear from me" in text(await voices.says(ANN, "[Appeal]", "STOP"))
    assert (await voices.idea()).standing.stage is Stage.DECLINED


async def test_a_question_is_answered_in_the_story_and_only_once(voices: Voices) -> None:
    asked = await voices.happens(EntryKind.ASKED, body="planning", reason="Which side of the river?")
    assert "Which side of the river?" in text(asked)
    assert "Which side of the river?" in text(await voices.says(ANN, "[Reply]"))
    await voices.says(ANN, "The east side")
    assert (await voices.idea()).story[-1].text == "The east side"
    await voices.town.does(ANN, Commanded("reply", voices.code))
    assert "isn’t open any more" in text(await voices.town.hears())


async def test_whoever_supports_an_idea_is_told_what_its_author_is_told(voices: Voices) -> None:
    await voices.town.does(BOB, Said(voices.code, "1"))
    await voices.town.hears()
    await voices.says(BOB, "[I support it]")
    told = await voices.declined()
    assert {one.to.chat for one in told} == {"ann", "bob"}
    assert len({one.message.text for one in told}) == 1


async def test_who_no_longer_supports_it_is_told_no_more(voices: Voices) -> None:
    await voices.town.does(BOB, Commanded("support", voices.code))
    await voices.town.hears()
    await voices.says(BOB, "[I don’t support it any more]")
    assert {one.to.chat for one in await voices.declined()} == {"ann"}


async def test_nobody_supports_their_own_idea(voices: Voices) -> None:
    await voices.town.does(ANN, Commanded("support", voices.code))
    assert "your own idea" in text(await voices.town.hears())
    assert await voices.town.store.supporters(voices.code) == 0


async def test_a_hidden_idea_is_contested_with_the_body_above_the_one_that_has_it(voices: Voices) -> None:
    await voices.happens(EntryKind.HIDDEN, reason="It insults a neighbour", rule=Rule.ABUSE)
    await voices.says(ANN, "[Appeal against hiding]", "It names nobody at all")
    now = (await voices.idea()).standing
    assert now.contest
    assert now.contest.body == "moot"
    assert now.with_body
    assert now.with_body.body == "planning"


async def test_others_cannot_read_hidden_words_in_chat_and_their_author_can(voices: Voices) -> None:
    await voices.happens(EntryKind.HIDDEN, reason="It insults a neighbour", rule=Rule.ABUSE)
    await voices.town.does(BOB, Said(voices.code, "1"))
    assert "benches" not in text(await voices.town.hears())
    await voices.town.does(ANN, Said(voices.code, "2"))
    assert "benches" in text(await voices.town.hears())


async def test_were_you_heard_is_a_score_and_a_word_and_counts_once(voices: Voices) -> None:
    await voices.declined()
    voices.town.clock.move(timedelta(days=15))
    await voices.happens(EntryKind.CLOSED)
    await voices.says(ANN, "[2]", "They did not read it")
    last = (await voices.idea()).story[-1]
    assert (last.kind, last.score, last.text, last.body) == (EntryKind.HEARD, 2, "They did not read it", "planning")
    await voices.town.does(ANN, Pressed(action("heard", voices.code, "5")))
    assert "have answered that" in text(await voices.town.hears())


async def test_the_receipt_file_comes_in_chat_and_of_hidden_words_to_their_author_alone(voices: Voices) -> None:
    await voices.town.does(BOB, Said(voices.code, "1"))
    await voices.town.hears()
    (given,) = await voices.says(BOB, "[Receipt file]")
    assert isinstance(given.message.file, File)
    assert given.message.file.name == f"receipt-{voices.code}.json"
    told = read_receipt(given.message.file.text.encode())
    assert [entry["kind"] for entry in told.waiting] == ["said", "confirmed", "acknowledged", "sent"]
    await voices.happens(EntryKind.HIDDEN, reason="It insults a neighbour", rule=Rule.ABUSE)
    await voices.town.does(BOB, Commanded("receipt", voices.code))
    (refused,) = await voices.town.hears()
    assert refused.message.file is None
    await voices.town.does(ANN, Commanded("receipt", voices.code))
    (theirs,) = await voices.town.hears()
    assert theirs.message.file


async def test_a_stranger_is_asked_for_consent_before_they_support_anything(voices: Voices) -> None:
    cat = Address("telegram:1", "cat")
    await voices.town.does(cat, Commanded("support", voices.code))
    await voices.town.hears()
    assert "You support idea" in text(await voices.says(cat, "[Yes, I agree]"))
    assert await voices.town.store.supporters(voices.code) == 1


@pytest.mark.parametrize("with_words", ["It was about the other bank", ""])
async def test_whoever_is_merged_may_say_that_it_no_longer_says_what_they_meant(
    voices: Voices, with_words: str
) -> None:
    await voices.happens(EntryKind.MERGED, body="planning", by=Role.SECRETARY, other="ZZZZ-ZZZZ")
    await voices.says(ANN, "[This no longer says what I meant]", with_words or "[Without words]")
    idea = await voices.idea()
    assert (idea.standing.stage, idea.standing.part_of) == (Stage.WAITING, None)
    assert (idea.story[-1].text or "") == with_words
