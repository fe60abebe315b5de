"""A forgotten member, and what is kept about one, in every store."""

from dataclasses import replace

from core.consultations import NudgeKind
from core.deliveries import DeliveryState
from core.events import (
    AnswerGiven,
    BodiesLoaded,
    CaptureAsked,
    ConsentGiven,
    ConsultationBegun,
    IdeaSupported,
    LinkOffered,
    MemberForgotten,
    TopicFollowed,
)
from core.ideas import Capture
from core.kept import Kept, KeptAnswer, TakingPart
from core.places import Source
from core.standings import Stage
from core.stories import Entry, EntryKind
from tests.contracts.rooms import ADA, BEN, BOT, DAY, HOUR, MINUTE, NOON, WEB, Rooms, consultation, inbound, reply, to

CODE, OTHERS = "K7M4-QX2P", "DDDD-DDDD"
TEXT = "Turn the old depot into a swimming bath"


async def _kept(rooms: Rooms) -> Kept:
    async with rooms.store.work(inbound(ADA)) as work:
        return await work.kept()


async def test_a_forgotten_members_ideas_stand_without_them(rooms: Rooms) -> None:
    await rooms.capture(CODE, text=TEXT)
    await rooms.capture(OTHERS, BEN)
    await rooms.turn(ADA, IdeaSupported(OTHERS, NOON))
    no = Entry(EntryKind.DECLINED, NOON, reason=f"As for “{TEXT}”, no", body="parks")
    await rooms.goes_on(CODE, to("parks"), no)
    await rooms.goes_on(OTHERS, to("parks"), no)
    await rooms.turn(ADA, MemberForgotten(NOON + HOUR))
    told = await rooms.idea(CODE)
    assert (told.author, told.text, told.source) == (None, "", Source("", "", ""))
    assert told.story[-1] == Entry(EntryKind.ERASED, NOON + HOUR)
    assert told.standing.stage is Stage.ERASED
    assert [entry.reason for entry in told.story] == [None] * 5
    assert (await rooms.idea(OTHERS)).story[-1] == replace(no, reason=None)
    assert await rooms.store.supporters(OTHERS) == 0
    assert await rooms.store.member_at(ADA) is None
    assert await rooms.store.ideas_of(ADA) == ()


async def test_whoever_writes_again_is_somebody_new(rooms: Rooms) -> None:
    before = await rooms.turn(ADA, ConsentGiven(NOON), TopicFollowed("water"))
    await rooms.link(ADA, WEB)
    await rooms.turn(WEB, MemberForgotten(NOON))
    assert await rooms.store.member_at(ADA) is None
    after = await rooms.turn(ADA)
    assert after.id != before.id
    assert not after.has_consented
    assert await _kept(rooms) == replace(await _kept(rooms), topics=(), answers=(), ideas=(), captures=())


async def test_nothing_is_sent_to_somebody_who_was_forgotten(rooms: Rooms) -> None:
    await rooms.load(consultation())
    ada, ben = await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.turn(ADA, posts=[replace(reply(ADA), member=ada)])
    await rooms.turn(ADA, MemberForgotten(NOON))
    assert [one.member for one in await rooms.send()] == [ben]
    status = await rooms.store.status("city")
    assert status is not None
    assert (status.asked, status.why) == (1, {"forgotten": 1})
    assert status.deliveries == {DeliveryState.SENT: 1, DeliveryState.SUPPRESSED: 1}


async def test_a_nudge_that_was_sent_still_counts(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    await rooms.turn(ADA, AnswerGiven("city", "idea", CODE, NOON))
    await rooms.broadcast(step="thanks", kind=NudgeKind.THANKS)
    await rooms.send()
    await rooms.turn(ADA, MemberForgotten(NOON))
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {DeliveryState.SENT: 1}


async def test_a_farewell_is_sent_and_thrown_away(rooms: Rooms) -> None:
    await rooms.turn(ADA)
    await rooms.turn(ADA, MemberForgotten(NOON), posts=[replace(reply(ADA, "Farewell"), member=None)])
    (said,) = await rooms.send()
    assert (said.member, said.to.chat) == (None, ADA.user)
    await rooms.store.efface(NOON + MINUTE)
    assert await rooms.store.sweep(NOON + 40 * DAY) <= 2  # the keys of two turns, and no delivery
    assert await rooms.store.member_at(ADA) is None


async def test_all_that_is_kept_is_told(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.store.record([BodiesLoaded((), ())])
    ada = await rooms.turn(ADA, ConsentGiven(NOON))
    said = await rooms.capture(CODE, text=TEXT)
    capture = Capture("CAPT1234", ADA, "Perhaps a sauna", NOON, Source(BOT, "100", "9"), NOON + DAY)
    await rooms.turn(
        ADA,
        TopicFollowed("water"),
        ConsultationBegun("city", NOON),
        AnswerGiven("city", "how", "walking", NOON),
        AnswerGiven("city", "how", "by bus", NOON + MINUTE),
        CaptureAsked(capture),
        LinkOffered("LINK1234", NOON + HOUR),
        posts=[replace(reply(ADA), member=ada.id)],
    )
    await rooms.capture(OTHERS, BEN)
    await rooms.turn(ADA, IdeaSupported(OTHERS, NOON))
    kept = await _kept(rooms)
    assert kept.member.id == ada.id
    assert [one.address for one in kept.addresses] == [ADA]
    assert kept.topics == ("water",)
    assert kept.taking_part == (TakingPart("city", NOON, None),)
    assert kept.answers == (
        KeptAnswer("city", "how", "walking", NOON, False),
        KeptAnswer("city", "how", "by bus", NOON + MINUTE, True),
    )
    assert kept.ideas == (said,)
    assert kept.supported == ((OTHERS, NOON),)
    assert kept.captures == (capture,)
    assert kept.link_code_until == NOON + HOUR
    assert [(one.priority, one.state, one.count) for one in kept.deliveries] == [("reply", DeliveryState.PLANNED, 1)]
