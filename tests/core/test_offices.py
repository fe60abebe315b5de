"""What officers and organisers do about ideas, beyond what the golden conversations show."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import action
from core.bodies import Body, BodyKind, Remit
from core.events import BodiesLoaded, ConsultationLoaded, OrganiserCodeMade, StoryContinued
from core.flows.bodies import Declared
from core.flows.documents import Checked, read_document
from core.ideas import Idea
from core.inbound import Commanded, Deed, Pressed, Said
from core.members import Address, Role
from core.places import Place
from core.ports import StoryMoved
from core.sessions import IDLE, Deciding, Picking, Session, read_session
from core.standings import Stage
from core.stories import Entry, EntryKind
from core.texts import Localised
from core.turns.acting import read_reason
from core.turns.moderation import BLACK, blacked_out
from tests.fakes.town import Town

COUNCIL = read_document((Path(__file__).parents[1] / "conversations" / "council.yaml").read_text(encoding="utf-8"))
assert isinstance(COUNCIL, Checked)
assert isinstance(COUNCIL.value, Declared)
BODIES = COUNCIL.value.bodies

REASON = "There is no money for it this year."
ANN, BOB = Address("telegram:1", "ann"), Address("telegram:1", "bob")
SAM, SUE = Address("telegram:1", "sam"), Address("telegram:1", "sue")
TOM, CAROL, OLGA = Address("telegram:1", "tom"), Address("telegram:1", "carol"), Address("telegram:1", "olga")


async def council(*bodies: Body) -> Town:
    """A town with a council and its commissions, in which Ann and Bob take part."""
    town = Town()
    await town.store.record([BodiesLoaded(bodies or BODIES, ())])
    for who in (ANN, BOB):
        await town.does(who, Commanded("start"))
        await town.does(who, Pressed(action("consent", "yes")))
    return town


async def idea_of(town: Town, who: Address, text: str) -> str:
    await town.does(who, Commanded("idea", text))
    return (await town.store.ideas_of(who))[0].code


async def press(town: Town, who: Address, verb: str, *args: str) -> str:
    return await do(town, who, Pressed(action(verb, *args), "1"))


async def say(town: Town, who: Address, text: str) -> str:
    return await do(town, who, Said(text, "m1"))


async def do(town: Town, who: Address, deed: Deed) -> str:
    """What they are then told, as one text."""
    await town.hears()
    await town.does(who, deed)
    return "\n".join(
        "\n".join([heard.message.title, heard.message.text, *(key.label for row in heard.message.keys for key in row)])
        for heard in await town.hears()
        if heard.to.chat == who.user
    )


async def known(town: Town, code: str) -> Idea:
    idea = await town.store.idea(code)
    assert idea
    return idea


async def kinds(town: Town, code: str) -> list[EntryKind]:
    """Of its story, from its being sent to a body on."""
    return [entry.kind for entry in (await known(town, code)).story[4:]]


def session_of(town: Town, who: Address) -> Session:
    return read_session(town.store.memory.addresses[who].session)


# --- reasons
@pytest.mark.parametrize(
    "said", ["no", "No money", "too expensive", "a b c", "…", "", "no no no no", "   x   y   z   "]
)
def test_a_reason_that_says_nothing_is_refused(said: str) -> None:
    assert not isinstance(read_reason(said), str)


@pytest.mark.parametrize("said", [REASON, "There is none", " It is done already \n"])
def test_a_reason_in_a_sentence_is_taken_as_it_is(said: str) -> None:
    assert read_reason(said) == said.strip()


@pytest.mark.parametrize("verb", ["decline", "notours", "question", "uncarried", "undo"])
async def test_where_somebody_is_told_no_or_asked_nothing_happens_until_there_is_a_reason(verb: str) -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "consider", code)
    if verb == "uncarried":
        await press(town, SAM, "accept", code, "here")
    if verb == "undo":
        code = await merged(town, code, await idea_of(town, BOB, "More seats"))
    before = await kinds(town, code)
    await press(town, SAM, verb, code)
    await say(town, SAM, "no")
    assert await kinds(town, code) == before
    assert isinstance(session_of(town, SAM).step, Deciding)
    await say(town, SAM, REASON)
    assert len(await kinds(town, code)) == len(before) + 1
    assert (await known(town, code)).story[-1].reason == REASON
    assert session_of(town, SAM).step == IDLE


async def test_being_asked_twice_for_a_reason_is_still_being_asked() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "decline", code)
    await press(town, SAM, "decline", code)
    await say(town, SAM, REASON)
    assert await kinds(town, code) == [EntryKind.DECLINED]


# --- who may
@pytest.mark.parametrize("verb", ["consider", "accept", "decline", "question", "notours", "pass", "alike", "merge"])
async def test_who_answers_for_another_body_is_told_whose_it_is(verb: str) -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    for who in (TOM, CAROL, BOB):
        assert "is with Planning Commission" in await press(town, who, verb, code)
    assert await kinds(town, code) == []


async def test_the_body_above_may_answer_once_time_has_run_out_and_late_is_late() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    town.clock.move(timedelta(days=31))  # and nobody has noted the silence yet
    await press(town, CAROL, "accept", code)
    await press(town, CAROL, "accept", code, "here")
    story = (await known(town, code)).story
    assert [(entry.kind, entry.body) for entry in story[4:]] == [
        (EntryKind.SILENT, "planning"), (EntryKind.ACCEPTED, "council"),
    ]  # fmt: skip


async def test_silence_is_noted_once() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await town.passes(timedelta(days=31))
    await press(town, SAM, "decline", code)
    await say(town, SAM, REASON)
    assert await kinds(town, code) == [EntryKind.SILENT, EntryKind.DECLINED]


async def test_nobody_decides_for_an_office_that_they_no_longer_hold() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "decline", code)
    without = tuple(
        Body(b.slug, b.name, b.kind, tuple(m for m in b.members if m[0] != SAM), parent=b.parent, remit=b.remit)
        for b in BODIES
    )
    await town.store.record([BodiesLoaded(without, ())])
    assert "is with Planning Commission" in await say(town, SAM, REASON)
    assert await kinds(town, code) == []


async def test_the_record_names_the_office_and_not_the_person() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "accept", code, "here")
    entry = (await known(town, code)).story[-1]
    assert (entry.body, entry.by) == ("planning", Role.SECRETARY)


# --- the first look
async def test_the_first_look_is_noted_and_the_second_is_not() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    for who in (SAM, SUE, SAM):
        await press(town, who, "consider", code)
    assert await kinds(town, code) == [EntryKind.SEEN]


async def test_words_that_are_being_decided_upon_can_no_longer_be_changed() -> None:
    town = await council()
    one, other = await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More benches!")
    await press(town, SAM, "alike", one)
    await press(town, SAM, "picked")
    for code in (one, other):
        assert not (await known(town, code)).may_be_reworded


# --- where it goes
async def test_the_next_body_has_its_own_time() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "accept", code, "council")
    now = (await known(town, code)).standing
    assert (now.stage, now.with_body and (now.with_body.body, now.with_body.days)) == (Stage.WAITING, ("council", 14))


async def test_a_body_can_be_typed_in_any_language() -> None:
    hall = Body("hall", Localised.of({"en": "Town hall", "cy": "Neuadd y Dref"}), BodyKind.COMMITTEE)
    town = await council(*BODIES, hall)
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "pass", code)
    await say(town, SAM, "neuadd y dref")
    assert (await known(town, code)).story[-1].next == "hall"


@pytest.mark.parametrize("where", ["nowhere", "planning", "here"])
async def test_an_idea_is_passed_only_to_another_body_that_there_is(where: str) -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    assert "Which body shall answer?" in await press(town, SAM, "pass", code, where)
    assert await kinds(town, code) == []


# --- together
async def alike(town: Town, *codes: str) -> None:
    await press(town, SAM, "alike", codes[0])
    step = session_of(town, SAM).step
    assert isinstance(step, Picking)
    for code in set(step.picked) ^ set(codes):
        await press(town, SAM, "pick", code)
    await press(town, SAM, "picked")


async def test_twenty_ideas_that_say_the_same_are_answered_once() -> None:
    town = await council()
    codes = [await idea_of(town, ANN, f"More benches by the river, number {number}") for number in range(25)]
    await press(town, SAM, "alike", codes[3])
    await press(town, SAM, "picked")
    await press(town, SAM, "decline", codes[3])
    told = await say(town, SAM, REASON)
    assert "Written into 20 stories:" in told
    stages = [(await known(town, code)).standing.stage for code in codes]
    assert stages.count(Stage.DECLINED) == 20


async def test_a_decision_about_all_names_those_that_have_gone_on() -> None:
    town = await council()
    one, other = await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More benches, please")
    await alike(town, one, other)
    await press(town, SAM, "decline", one)
    await press(town, SUE, "accept", other, "here")
    told = await say(town, SAM, REASON)
    assert f"{other} stays as it was: Planning Commission accepted it." in told
    assert (await known(town, other)).standing.stage is Stage.ACCEPTED
    assert (await known(town, one)).standing.stage is Stage.DECLINED


async def test_where_all_have_gone_on_nothing_is_decided() -> None:
    town = await council()
    codes = [await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More benches, please")]
    await alike(town, *codes)
    for code in codes:
        await press(town, SUE, "accept", code, "here")
    assert "None of them is open for that any more." in await press(town, SAM, "decline", codes[0])


async def test_looking_at_one_idea_ends_picking_so_that_its_answer_is_its_own() -> None:
    town = await council()
    one, other = await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More benches, please")
    await alike(town, one, other)
    await press(town, SAM, "consider", one)
    await press(town, SAM, "accept", one, "here")
    assert (await known(town, other)).standing.stage is Stage.WAITING


# --- merging
async def merged(town: Town, *codes: str) -> str:
    await press(town, SAM, "merge", codes[0])
    step = session_of(town, SAM).step
    assert isinstance(step, Picking)
    for code in set(step.picked) ^ set(codes):
        await press(town, SAM, "pick", code)
    await press(town, SAM, "picked")
    await say(town, SAM, "Somewhere to sit, all over town")
    part_of = (await known(town, codes[0])).standing.part_of
    assert part_of
    return part_of


async def test_a_composite_keeps_its_lineage_and_waits_for_the_same_body() -> None:
    town = await council()
    parts = [await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More seats")]
    composite = await known(town, await merged(town, *parts))
    now = composite.standing
    assert (composite.author, composite.text) == (None, "Somewhere to sit, all over town")
    assert sorted(now.parts) == sorted(parts)
    assert now.with_body
    assert (now.with_body.body, now.with_body.days) == ("planning", 30)
    assert [(await known(town, code)).standing.stage for code in parts] == [Stage.MERGED, Stage.MERGED]


async def test_a_composite_belongs_to_a_consultation_where_all_its_parts_do() -> None:
    checked = read_document("consultation: city\ntitle: City\nframing: Why\nprompts: [{idea: a, ask: Idea?}]")
    assert isinstance(checked, Checked)
    town = await council()
    await town.store.record([ConsultationLoaded(checked.value, town.clock.now())])  # type: ignore[arg-type]  # it is one
    codes = [await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More seats")]
    for code in codes:
        old = town.store.memory.ideas[code]
        town.store.memory.ideas[code] = Idea(old.code, old.author, old.source, old.story, "city")
    assert (await known(town, await merged(town, *codes))).consultation == "city"


async def test_taking_apart_gives_back_what_is_still_in_it() -> None:
    town = await council()
    one, other = await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More seats")
    composite = await merged(town, one, other)
    await press(town, ANN, "object", one)
    await press(town, ANN, "wordless", one)
    await press(town, SAM, "undo", composite)
    await say(town, SAM, REASON)
    assert (await known(town, composite)).standing.stage is Stage.UNDONE
    assert (await kinds(town, other))[-2:] == [EntryKind.MERGED, EntryKind.SEPARATED]
    assert (await kinds(town, one))[-1] is EntryKind.OBJECTED
    for code in (one, other):
        assert (await known(town, code)).standing.with_body


async def test_what_was_decided_upon_as_one_is_not_taken_apart() -> None:
    town = await council()
    composite = await merged(town, await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More seats"))
    await press(town, SAM, "accept", composite, "council")
    assert "decided upon as one idea" in await press(town, CAROL, "undo", composite)


async def test_an_idea_of_one_author_is_nothing_to_take_apart_and_a_composite_has_nobody_to_ask() -> None:
    town = await council()
    one, other = await idea_of(town, ANN, "More benches"), await idea_of(town, BOB, "More seats")
    assert "nothing to take apart" in await press(town, SAM, "undo", one)
    composite = await merged(town, one, other)
    assert "no single author" in await press(town, SAM, "question", composite)
    assert "Ask the author" not in await press(town, SAM, "consider", composite)


# --- reporting
@pytest.mark.parametrize(("verb", "kind"), [("adopt", EntryKind.ADOPTED), ("carried", EntryKind.CARRIED_OUT)])
async def test_a_report_asks_for_words_and_can_do_without(verb: str, kind: EntryKind) -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "accept", code, "here")
    await do(town, SAM, Commanded(verb, code.lower()))
    await do(town, SAM, Commanded(verb, code))
    assert (await kinds(town, code))[-1] is EntryKind.ACCEPTED
    await press(town, SAM, verb, code)
    assert (await kinds(town, code))[-1] is kind


async def test_another_body_than_the_one_that_accepted_it_reports_nothing() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    await press(town, SAM, "accept", code, "here")
    await press(town, TOM, "carried", code)
    await say(town, TOM, REASON)
    assert (await kinds(town, code))[-1] is EntryKind.ACCEPTED
    await press(town, CAROL, "carried", code)
    await say(town, CAROL, "Six benches stand there")
    story = (await known(town, code)).story
    assert (story[-1].kind, story[-1].body) == (EntryKind.CARRIED_OUT, "council")


# --- moderation
async def organiser(town: Town, who: Address) -> None:
    await town.store.record([OrganiserCodeMade("AAAABBBB", "", town.clock.now() + timedelta(days=1))])
    await town.does(who, Commanded("organiser", "AAAABBBB"))


async def test_whoever_said_it_does_not_lift_its_hiding() -> None:
    town = await council()
    await organiser(town, ANN)
    code = await idea_of(town, ANN, "More benches")
    await press(town, ANN, "hide", code, "abuse")
    await say(town, ANN, "I take back how I put it.")
    assert "somebody else has to decide" in await press(town, ANN, "restore", code)
    assert (await known(town, code)).standing.is_hidden


async def test_an_appeal_that_is_judged_too_late_is_late_in_the_story() -> None:
    town = await council()
    await organiser(town, OLGA)
    code = await idea_of(town, ANN, "More benches")
    await press(town, OLGA, "hide", code, "abuse")
    await say(town, OLGA, "It calls people names.")
    await press(town, ANN, "contest", code)
    await press(town, ANN, "wordless", code)
    town.clock.move(timedelta(days=15))
    await press(town, CAROL, "uphold", code)
    await say(town, CAROL, "It does call people names.")
    late = (await known(town, code)).story[-2]
    assert (late.kind, late.body, late.rule) == (EntryKind.SILENT, "council", "abuse")
    assert (await known(town, code)).standing.contest is None


async def test_a_moderator_of_another_body_does_not_moderate() -> None:
    moderated = Body(
        "parks", Localised.of("Parks"), BodyKind.SOCIETY, ((TOM, Role.SECRETARY), (SUE, Role.SECRETARY)),
        remit=Remit(topics=("parks",)), powers=(),
    )  # fmt: skip
    town = await council(*BODIES, moderated)
    code = await idea_of(town, ANN, "More benches")
    for who in (SAM, TOM, BOB):
        for verb in ("moderate", "hide", "redact", "restore", "uphold"):
            assert "That is for organisers" in await press(town, who, verb, code)


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ("Joe Bloggs", "Call ██████████ at home, Joe!"),
        ("joe", "Call ███ Bloggs at home, ███!"),
        ("Call ██████████ at home, Joe!", "Call ██████████ at home, Joe!"),
        ("Call █ at home, █!", "Call █ at home, █!"),
        ("█", "█"),
        ("█ at home, Joe!", "█ at home, Joe!"),
        ("Call Joe █", "Call Joe █"),
    ],
)
def test_words_are_blacked_out_as_they_were_sent(sent: str, left: str) -> None:
    assert blacked_out("Call Joe Bloggs at home, Joe!", sent) == left


@pytest.mark.parametrize(
    "sent",
    ["", "Jane", "Call Jane █", "Call █ Joe Bloggs at home, Joe!█", "Call Joe Bloggs at home, Joe!", "Ring █ Joe!"],
)
def test_nobody_is_made_to_say_what_they_did_not(sent: str) -> None:
    left = blacked_out("Call Joe Bloggs at home, Joe!", sent)
    assert not isinstance(left, str) or set(left) == {BLACK}


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_stays_of_a_text_was_in_it(text: str, sent: str) -> None:
    left = blacked_out(text, sent)
    if isinstance(left, str):
        at = 0
        for piece in filter(None, left.split(BLACK)):
            at = text.index(piece, at) + len(piece)


# --- meetings
async def test_a_meeting_is_noted_once_for_an_idea() -> None:
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    for _ in range(2):
        await do(town, SAM, Commanded("meeting"))
        await press(town, SAM, "picked")
    assert await kinds(town, code) == [EntryKind.CONSIDERED]
    entry = (await known(town, code)).story[-1]
    assert (entry.on, entry.body) == (town.clock.now().date(), "planning")


# --- the queue
async def test_who_answers_for_several_bodies_is_asked_for_which() -> None:
    both = tuple(Body(b.slug, b.name, b.kind, ((SAM, Role.SECRETARY),), parent=b.parent, remit=b.remit) for b in BODIES)
    town = await council(*both)
    assert "For which body?\nCity Council\nPlanning Commission" in await do(town, SAM, Commanded("queue"))
    assert "Nothing waits for City Council." in await press(town, SAM, "queue", "council")


async def test_later_goes_through_all_that_waits_and_begins_again() -> None:
    town = await council()
    codes = []
    for number in range(3):
        codes.append(await idea_of(town, ANN, f"Thing number {number}"))
        town.clock.move(timedelta(hours=1))
    assert codes[1] in await press(town, SAM, "later", codes[0])
    assert codes[2] in await press(town, SAM, "later", codes[1])
    assert codes[0] in await press(town, SAM, "later", codes[2])
    await press(town, SAM, "accept", codes[1], "here")
    assert codes[2] in await press(town, SAM, "later", codes[1])


async def test_what_an_officer_asks_in_a_group_is_answered_alone() -> None:
    town = await council()
    await idea_of(town, ANN, "More benches")
    await town.does(SAM, Commanded("start"))
    await town.does(SAM, Pressed(action("consent", "yes")))
    turn = await town.does(SAM, Commanded("queue", message="7"), place=Place("telegram:1", "-7", private=False))
    assert turn
    assert all(said.to and said.to.private for said in turn.says)


# --- organisers
async def test_only_an_organiser_sends_on_what_nobody_has() -> None:
    town = await council(BODIES[0])
    await organiser(town, OLGA)
    code = await idea_of(town, ANN, "More benches")
    assert "for organisers" in await do(town, CAROL, Commanded("route", f"{code} council"))
    await do(town, OLGA, Commanded("route", f"{code} council"))
    now = (await known(town, code)).standing
    assert now.with_body
    assert now.with_body.body == "council"


async def test_what_was_recorded_meanwhile_is_seen_before_deciding() -> None:
    """A decision names how long the story was; a longer one makes the turn be taken again, and told."""
    town = await council()
    code = await idea_of(town, ANN, "More benches")
    turn = await town.does(SAM, Pressed(action("accept", code, "here")))
    assert turn
    assert [e.after for e in turn.events if isinstance(e, StoryContinued)] == [4]
    entry = Entry(EntryKind.SEEN, town.clock.now(), body="planning", by=Role.SECRETARY)
    with pytest.raises(StoryMoved):
        await town.store.record([StoryContinued(code, entry, 4)])
