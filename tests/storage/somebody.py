"""A member who did everything that leaves a trace, among others who quote them; and a walk through all that is kept."""

from collections.abc import Collection
from datetime import timedelta
from itertools import count

from sqlalchemy import select

from core.actions import action
from core.bodies import Body, BodyKind, Topic
from core.consultations import NudgeKind
from core.deeds import By, Via
from core.deliveries import DeliveryState, Mark
from core.drafts import Content
from core.events import (
    AnswerGiven,
    BodiesLoaded,
    CaptureAsked,
    ConsentGiven,
    ConsultationBegun,
    ConsultationFinished,
    DeskAsked,
    Event,
    HandoverBegun,
    HandoverSpoken,
    IdeaCaptured,
    IdeaSupported,
    LinkOffered,
    MemberForgotten,
    OutcomePublished,
    TopicFollowed,
    VerificationFailed,
)
from core.headings import Columns
from core.hooks import Happened, Hook
from core.ideas import Attachment, AttachmentKind, Capture, Idea
from core.members import Address, Role
from core.outbound import Key, Message
from core.places import Place, Source
from core.ports import Post
from core.register import Sought
from core.sessions import Session, Wording
from core.stories import Entry, EntryKind
from core.texts import Localised
from core.tokens import Scope
from core.turns.ideas import short
from storage.database import Database
from storage.desk.drafting import SqlDrafts
from storage.desk.groups import SqlGroups
from storage.desk.handovers import SqlHandovers
from storage.desk.hooks import SqlHooks
from storage.desk.imports import SqlImports
from storage.desk.register import SqlRegister
from storage.desk.sittings import SqlSittings
from storage.desk.tokens import SqlTokens
from storage.schema import metadata
from tests.contracts.rooms import BEN, BOT, CAT, DAY, HOUR, MINUTE, NOON, WEB, Rooms, consultation, inbound, to

ZED = Address(BOT, "990017")
ZED_ON_THE_WEB = Address("web", "Vq7-zed-in-a-browser")
SECRETARY = Address("web", "Hn3-secretary")
NAME = "Zebedee Quist"
WHERE_SAID = "chat-of-zed"
FILE = "AgACAgQAAx-zed-photo"

CODE, PART, COMPOSITE, OTHERS, SHORT = "K7M4-QX2P", "AAAA-AAAA", "CCCC-CCCC", "DDDD-DDDD", "EEEE-EEEE"

FIRST = "Turn the old depot into a swimming bath, with a roof of glass, and let it be warm in winter"
EDITED = "Turn the old depot into a swimming\nbath for everybody, with a roof of glass"
REPLY = "Because the river is closed from May to August"
APPEAL = "Nobody has measured the depot at all; look again"
JOINED = "Open the reading room on Sundays too"
TINY = "Kiosks!"
HEARD = "They never called me back, which was a pity"
ANSWER = "I walk along the canal every single day"
EARLIER = "I walk along the canal now and then"
WAITING = "Perhaps also a sauna, up on the roof"
TYPED = "/idea Perhaps a tiny zoo"
WORDS = (FIRST, EDITED, REPLY, APPEAL, JOINED, f"“{TINY}”", HEARD, ANSWER, EARLIER, WAITING, TYPED)
IDS = (ZED.user, ZED_ON_THE_WEB.user, WHERE_SAID, FILE)

FAREWELL = Message("You are forgotten.")
WHY_NOT = f"You wrote “{FIRST.upper()}”, and there is no money for it"
"""A secretary's reason, which quotes them."""

_keys = count(1)


class Somebody:
    def __init__(self, rooms: Rooms, database: Database) -> None:
        self.rooms, self.database, self.id, self.linked = rooms, database, 0, 0

    async def does(
        self,
        who: Address,
        *events: Event,
        posts: Collection[Post] = (),
        session: Session | None = None,
        name: str = NAME,
    ) -> int:
        written = inbound(who, key=f"{who.account}:{who.user}:{next(_keys)}", name=name)
        async with self.rooms.store.work(written) as work:
            assert not await work.seen(NOON)
            member = await work.member()
            await work.record(session or await work.session(), events, list(posts))
            return member.id

    async def lives(self) -> None:
        """Everything that can be done, in every state that it can be in."""
        rooms = self.rooms
        council = Body(
            "council", Localised.of("Council"), BodyKind.COMMITTEE, ((ZED, Role.SECRETARY), (SECRETARY, Role.SECRETARY))
        )
        await rooms.store.record([BodiesLoaded((council,), (Topic("water", Localised.of("Water")),))])
        await rooms.load(consultation())
        self.linked = await self.does(ZED_ON_THE_WEB, ConsentGiven(NOON))
        self.id = await self.does(ZED, ConsentGiven(NOON))
        for one in (BEN, CAT, SECRETARY, WEB):
            await rooms.turn(one, ConsentGiven(NOON))
        await rooms.link(ZED, ZED_ON_THE_WEB)
        await self._answers()
        await self._puts_forward()
        await self._is_answered()
        await self._is_quoted()
        await self._is_written_to()
        await self._chats()
        await self._has_programs()
        await self._is_in_office()

    async def _has_programs(self) -> None:
        by = By(Via.DESK, NOON, self.id)
        await SqlTokens(self.database).make(by, f"{NAME}’s website", {Scope.LOG_READ}, timedelta(days=30))
        kinds = frozenset({Happened.IDEA_RECEIVED})
        hook = Hook("hk_zed", self.id, f"{NAME}’s letter", "https://zed.example", kinds, NOON)
        await SqlHooks(self.database).make(by, hook)

    async def _is_in_office(self) -> None:
        """What stays of it stays without them."""
        by, database = By(Via.DESK, NOON, self.id), self.database
        await self.does(ZED, VerificationFailed(NOON, "b" * 64), DeskAsked("digest", NOON + HOUR))
        await SqlSittings(database).begin(ZED, NOON, "Firefox · Linux")
        await SqlDrafts(database).begin(Content("title: Our parks", "parks", "Our parks"), by)
        groups = SqlGroups(database)
        await groups.save(by, None, "Those in Leeds", Sought(body="leeds"))
        await groups.save(by, None, "Who wrote that letter", Sought(NAME))
        await SqlImports(database).begin(by, "file", "", Columns(()))
        await SqlRegister(database).unverify(By(Via.DESK, NOON), self.id)

    async def _answers(self) -> None:
        await self.does(
            ZED,
            ConsultationBegun("city", NOON),
            AnswerGiven("city", "how", EARLIER, NOON),
            AnswerGiven("city", "how", ANSWER, NOON + MINUTE),
            AnswerGiven("city", "idea", CODE, NOON),
            ConsultationFinished("city", NOON),
            TopicFollowed("water"),
            LinkOffered("LINK1234", NOON + HOUR),
        )
        capture = Capture("CAPT1234", ZED, WAITING, NOON, Source(BOT, WHERE_SAID, "9"), NOON + DAY)
        theirs = Capture(
            "CAPT5678", BEN, "Somebody else’s words", NOON, Source(BOT, "g", "8"), NOON + DAY, asked_by=NAME
        )
        await self.does(ZED, CaptureAsked(capture), CaptureAsked(theirs), session=Session(Wording(capture="CAPT1234")))

    def _idea(self, code: str, author: int, text: str, *more: Entry) -> Idea:
        photo = Attachment(AttachmentKind.PHOTO, BOT, FILE)
        story = (
            Entry(EntryKind.SAID, NOON, text),
            Entry(EntryKind.CONFIRMED, NOON),
            Entry(EntryKind.ACKNOWLEDGED, NOON),
        )
        source = Source(BOT, WHERE_SAID, code)
        return Idea(code, author, source, (*story, *more), "city", "idea", (photo,))

    async def _puts_forward(self) -> None:
        ben = (await self.rooms.member(BEN)).id
        await self.does(
            ZED,
            IdeaCaptured(self._idea(CODE, self.id, FIRST, to("council"))),
            IdeaCaptured(self._idea(PART, self.id, JOINED, to("council"))),
            IdeaCaptured(self._idea(SHORT, self.id, TINY, to("council"))),
        )
        said = Entry(EntryKind.SAID, NOON, "Ben’s own idea about trees")
        other = Idea(
            OTHERS, ben, Source(BOT, "200", "1"), (said, Entry(EntryKind.ACKNOWLEDGED, NOON), to("council")), "city"
        )
        await self.rooms.turn(BEN, IdeaCaptured(other))
        await self.does(ZED, IdeaSupported(OTHERS, NOON))
        await self.rooms.turn(BEN, IdeaSupported(CODE, NOON))

    async def _is_answered(self) -> None:
        rooms = self.rooms
        await rooms.goes_on(
            CODE,
            Entry(EntryKind.EDITED, NOON, EDITED),
            Entry(EntryKind.SEEN, NOON, body="council"),
            Entry(EntryKind.ASKED, NOON, reason="Why there?", body="council"),
            Entry(EntryKind.REPLIED, NOON, REPLY),
            Entry(EntryKind.DECLINED, NOON, reason=WHY_NOT, body="council", by=Role.SECRETARY),
            Entry(EntryKind.APPEALED, NOON, APPEAL, next="council", days=9),
            Entry(EntryKind.DECLINED, NOON, reason="Still no money, we are sorry", body="council", by=Role.SECRETARY),
            Entry(EntryKind.CLOSED, NOON),
            Entry(EntryKind.HEARD, NOON, HEARD, body="council", score=1),
        )
        made = Entry(EntryKind.COMPOSED, NOON, f"Of several ideas: {JOINED}, and more trees", body="council")
        composite = Idea(
            COMPOSITE, None, Source("desk", "", COMPOSITE), (made, Entry(EntryKind.JOINED, NOON, other=PART))
        )
        await rooms.store.record([IdeaCaptured(composite)])
        await rooms.goes_on(PART, Entry(EntryKind.MERGED, NOON, body="council", other=COMPOSITE))

    async def _is_quoted(self) -> None:
        """In the reason that somebody else was given, in an outcome, and in what others are shown."""
        rooms = self.rooms
        no = Entry(EntryKind.DECLINED, NOON, reason=f"As “{TINY}” says, no", body="council", by=Role.SECRETARY)
        await rooms.goes_on(OTHERS, no)
        await rooms.store.record(
            [OutcomePublished("city", Localised.of({"en": f"You said: {EDITED}", "cy": REPLY}), NOON)]
        )
        shown = f"Waiting for you: “{short(FIRST)}” and “{TINY}”, and “{JOINED}”"
        label = Key(short(JOINED), action("story", PART))
        await rooms.transcript.append(SECRETARY.user, True, Message(shown, "K7M4", ((label,),)), NOON)
        ben = (await rooms.member(BEN)).id
        asks = Message(
            f"{NAME} would like to put this forward", keys=((Key("Yes", action("capture", "CAPT5678", "yes")),),)
        )
        for message in (Message(shown), asks):
            await rooms.turn(BEN, posts=[Post(Place.private_to(BEN), message, member=ben)])
        office = (await rooms.member(SECRETARY)).id
        await rooms.store.record(
            [HandoverBegun(OTHERS, ben, Place.private_to(BEN), office, "council", Role.SECRETARY, NOON)]
        )
        (talk,) = await SqlHandovers(self.database).about(OTHERS)
        await rooms.store.record([HandoverSpoken(talk.id, OTHERS, f"Others say: {FIRST}", True, NOON)])

    async def _is_written_to(self) -> None:
        """A broadcast's messages and replies, in each state."""
        rooms = self.rooms
        states = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.CLAIMED, DeliveryState.PLANNED)
        for number, state in enumerate(states):
            await rooms.broadcast(step=f"thanks-{number}", kind=NudgeKind.THANKS, not_before=NOON - DAY)
            said = Post(Place.private_to(ZED), Message(f"{NAME}: {FIRST}"), member=self.id)
            await self.does(ZED, posts=[said])
            if state is not DeliveryState.PLANNED:
                for one in await rooms.claim():
                    if state is not DeliveryState.CLAIMED and one.member == self.id:
                        await rooms.mark(Mark(one.id, state, message="m1"))
        card = Post(Place(BOT, "#town", private=False), Message("A card"), member=self.id, consultation="city")
        await self.does(ZED, posts=[card])

    async def _chats(self) -> None:
        user, transcript = ZED_ON_THE_WEB.user, self.rooms.transcript
        await transcript.append(user, False, Message(TYPED), NOON, f"web:{user}:1")
        await transcript.append(user, True, Message(f"Is it an idea, {NAME}? {FIRST}"), NOON)
        await self.does(ZED_ON_THE_WEB)

    async def is_forgotten(self, who: Address = ZED) -> None:
        """With the farewell, as `Conversation` says it: to nobody whom we know."""
        await self.does(who, MemberForgotten(NOON), posts=[Post(Place.private_to(who), FAREWELL)])

    async def is_effaced(self) -> None:
        """A little later: the farewell is sent, and then gone as well."""
        await self.rooms.outbox.open_lane("web")
        for account in (BOT, "web"):
            await self.rooms.send(account=account)
        await self.rooms.store.efface(NOON + timedelta(seconds=30))


async def found_in(database: Database, *needles: str) -> set[str]:
    """The columns of the whole database in which one of these stands."""
    found = set()
    async with database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                for column, value in row._mapping.items():
                    flat = " ".join(str(value).replace("\\n", " ").split()).casefold()
                    if any(" ".join(needle.split()).casefold() in flat for needle in needles):
                        found.add(f"{table.name}.{column}")
    return found


async def numbers_in(database: Database, *numbers: int) -> set[str]:
    """The columns about a member in which one of these stands, also at the end of a key."""
    found = set()
    async with database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                for name, value in row._mapping.items():
                    is_number = (name == "member_id" or table.name == "member") and value in numbers
                    is_key = name == "key" and str(value).rpartition(":")[2] in map(str, numbers)
                    found |= {f"{table.name}.{name}"} if is_number or is_key else set()
    return found
