"""What happened: past-tense facts that a turn hands to the store. The store projects each; nothing else changes state.

Facts about "this member" are about the member whose turn it is; those that name somebody say who.
"""

from dataclasses import dataclass
from datetime import datetime

from core.bodies import Body, Topic
from core.calendars import EVERY_DAY, Holidays
from core.consultations import Audience, Consultation, NudgeKind
from core.ideas import Capture, Idea
from core.members import Role
from core.places import Place
from core.prompts import Value
from core.stories import Entry
from core.texts import Localised


# --- this member
@dataclass(frozen=True, slots=True)
class ConsentGiven:
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberStopped:
    """Nothing unasked may reach them on any address."""

    at: datetime


@dataclass(frozen=True, slots=True)
class MemberResumed:
    at: datetime


@dataclass(frozen=True, slots=True)
class AddressLeft:
    """The sender's address can't be written to any more."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class AddressReturned:
    at: datetime


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str


@dataclass(frozen=True, slots=True)
class TimezoneChosen:
    timezone: str


@dataclass(frozen=True, slots=True)
class TopicFollowed:
    topic: str


@dataclass(frozen=True, slots=True)
class TopicUnfollowed:
    topic: str


@dataclass(frozen=True, slots=True)
class LinkOffered:
    """A code that joins whoever types it to this member. An earlier one of theirs no longer counts."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MembersLinked:
    """The other member's addresses, answers, ideas and roles are now this member's; the code is used up.

    Of two answers to a prompt the later counts. Stopped wins over not stopped; the earliest consent is kept.
    """

    code: str
    other: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OrganiserMade:
    """This member typed a good organiser code, now used up."""

    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeskAsked:
    """This member asked for a link to the desk: `digest` is all that is kept of it. An earlier one no longer counts."""

    digest: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MembershipVerified:
    """This member has shown that this row of the roll is theirs: its offices are, too, and nobody else can claim it."""

    row: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VerificationFailed:
    """It counts among their tries, and among everybody's of that `number`, named as its row on the roll would be,
    whether or not there is one. `claimed`: the row that would be theirs, had not another member claimed it before; else
    empty."""

    at: datetime
    number: str
    claimed: str = ""


@dataclass(frozen=True, slots=True)
class WordsNotKept:
    """What this member has just typed stays nowhere: in the web chat, kept here, the line is blanked. `key`: of
    the inbound."""

    key: str


@dataclass(frozen=True, slots=True)
class IdeaSupported:
    """Supported twice, it counts once."""

    idea: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SupportWithdrawn:
    idea: str


@dataclass(frozen=True, slots=True)
class MemberForgotten:
    """Everything of theirs is destroyed: words, names, addresses, answers, what is on its way to them, and the salts of
    their entries. Each of their ideas gets one more entry that says so."""

    at: datetime


# --- consultations
@dataclass(frozen=True, slots=True)
class ConsultationBegun:
    consultation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """`value` None: skipped. The latest counts, earlier ones are kept."""

    consultation: str
    prompt: str
    value: Value | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsultationFinished:
    """This member has been through every prompt."""

    consultation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsultationLoaded:
    """Stored or replaced. Times that somebody set by hand stay where the file's own times are unchanged. `once`: it is
    new; where there is one of that name by now, the store raises NameTaken."""

    consultation: Consultation
    at: datetime
    once: bool = False


@dataclass(frozen=True, slots=True)
class ConsultationOpened:
    consultation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsultationClosed:
    consultation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsultationArchived:
    """It is in no list any more."""

    consultation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsultationUnarchived:
    consultation: str


@dataclass(frozen=True, slots=True)
class OutcomePublished:
    consultation: str
    outcome: Localised
    at: datetime


# --- ideas
@dataclass(frozen=True, slots=True)
class CaptureAsked:
    capture: Capture


@dataclass(frozen=True, slots=True)
class CaptureReworded:
    capture: str
    text: str


@dataclass(frozen=True, slots=True)
class CaptureSettled:
    """Answered yes or no (or withdrawn): its words are thrown away."""

    capture: str


@dataclass(frozen=True, slots=True)
class IdeaCaptured:
    """A new idea with the first entries of its story. The receipt code must be free, or the store raises CodeTaken."""

    idea: Idea


@dataclass(frozen=True, slots=True)
class StoryContinued:
    """One more entry in an idea's story (an edit carries the new words in the entry), which whoever decided it saw with
    `after` entries. If it has another number by now, the store raises StoryMoved."""

    idea: str
    entry: Entry
    after: int


@dataclass(frozen=True, slots=True)
class WordsRedacted:
    """As StoryContinued, and the author's words in all earlier entries are destroyed: what may stay of them is the text
    of the entry."""

    idea: str
    entry: Entry
    after: int


@dataclass(frozen=True, slots=True)
class IdeaTagged:
    """All its topics from now on: labels, for whoever looks through ideas."""

    idea: str
    topics: tuple[str, ...]
    at: datetime
    body: str | None = None


# --- a person steps into a conversation
@dataclass(frozen=True, slots=True)
class HandoverBegun:
    """What the member says in that place goes to this officer from now on. With one that goes on, or where they aren't
    there any more, the store raises StoryMoved."""

    idea: str
    member: int
    place: Place
    officer: int
    body: str
    by: Role
    at: datetime


@dataclass(frozen=True, slots=True)
class HandoverSpoken:
    """Raises StoryMoved where it has ended."""

    handover: int
    idea: str
    text: str
    by_officer: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class HandoverEnded:
    """`by`: the office of whoever handed back; None where the member did, or time."""

    handover: int
    idea: str
    at: datetime
    body: str = ""
    by: Role | None = None


# --- bodies, places, broadcasts
@dataclass(frozen=True, slots=True)
class BodiesLoaded:
    """Bodies, topics and holidays as declared; channels attached by hand stay attached. A body that was declared before
    and isn't any more has ended. `deliveries_kept`: for how many days finished deliveries stay; None for ever."""

    bodies: tuple[Body, ...]
    topics: tuple[Topic, ...]
    holidays: Holidays = EVERY_DAY
    deliveries_kept: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelAttached:
    body: str
    place: Place


@dataclass(frozen=True, slots=True)
class ChannelDetached:
    place: Place


@dataclass(frozen=True, slots=True)
class PlaceMoved:
    account: str
    from_chat: str
    to_chat: str


@dataclass(frozen=True, slots=True)
class DiscussionHeard:
    """Somebody replied in the thread of a consultation's card: only that, neither who nor what. Heard twice, it
    counts once."""

    consultation: str
    place: Place
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrganiserCodeMade:
    code: str
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BroadcastOrdered:
    """To be planned at `at`. `step` is unique within the consultation; a second order of the same step is none.

    `confirmed` False: it waits for its organiser to say yes (`BroadcastConfirmed`).
    """

    id: str
    consultation: str
    step: str
    kind: NudgeKind
    audience: Audience
    at: datetime
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class BroadcastConfirmed:
    id: str
    consultation: str


@dataclass(frozen=True, slots=True)
class BroadcastHeld:
    """Until it is resumed nothing more of it is planned or claimed. What is on its way at that moment still goes."""

    id: str
    consultation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BroadcastResumed:
    id: str
    consultation: str


@dataclass(frozen=True, slots=True)
class UncertainResent:
    """Deliveries of it that may have arrived or not are planned again, each once; they are judged again when they are
    sent. Whoever got the first gets it twice."""

    id: str
    consultation: str
    at: datetime


Event = (
    ConsentGiven | MemberStopped | MemberResumed | AddressLeft | AddressReturned | LanguageChosen | TimezoneChosen
    | TopicFollowed | TopicUnfollowed | LinkOffered | MembersLinked | OrganiserMade | DeskAsked
    | MembershipVerified | VerificationFailed | WordsNotKept
    | IdeaSupported | SupportWithdrawn | MemberForgotten
    | ConsultationBegun | AnswerGiven | ConsultationFinished
    | ConsultationLoaded | ConsultationOpened | ConsultationClosed | OutcomePublished
    | ConsultationArchived | ConsultationUnarchived
    | CaptureAsked | CaptureReworded | CaptureSettled | IdeaCaptured | StoryContinued | WordsRedacted
    | IdeaTagged | HandoverBegun | HandoverSpoken | HandoverEnded
    | BodiesLoaded | ChannelAttached | ChannelDetached | PlaceMoved | DiscussionHeard
    | OrganiserCodeMade | BroadcastOrdered | BroadcastConfirmed | BroadcastHeld | BroadcastResumed | UncertainResent
)  # fmt: skip
