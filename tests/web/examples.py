"""Stories that went far, and bodies that answered or didn't: what the pages have to be able to show."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from core.bodies import Bodies, Body, BodyKind, Remit
from core.calendars import Holidays, Recess
from core.ideas import Attachment, AttachmentKind, Idea
from core.members import Role
from core.places import Source
from core.queues import Moderated, Tally
from core.receipts import receipt_code
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised
from tests.web.stage import NOW, Stage

LONG, COMPOSED, PART, OTHER_PART, HIDDEN, ERASED, REDACTED, LATE, WAITING = (
    receipt_code(symbols)
    for symbols in "1111111 2222222 3333333 4444444 5555555 6666666 7777777 8888888 9999999".split()
)
SECRET = "a word that nobody may read"
SOURCE = Source("web", "somebody", "3")
K = EntryKind


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def begun(text: str, days: float) -> tuple[Entry, ...]:
    at = ago(days)
    return Entry(K.SAID, at, text), Entry(K.CONFIRMED, at), Entry(K.ACKNOWLEDGED, at)


def idea(code: str, *story: Entry) -> Idea:
    return Idea(code, 1, SOURCE, story)


BODIES = Bodies(
    (
        Body("congress", Localised((("en", "Congress"), ("cy", "Y Gyngres"))), BodyKind.COMMITTEE, answer_days=60),
        Body(
            "planning",
            Localised.of("Commission for Urban Planning and Transport"),
            BodyKind.COMMISSION,
            parent="congress",
            remit=Remit(everything=True),
            recesses=(
                Recess(date(2025, 12, 22), date(2026, 1, 2)),
                Recess(date(2026, 8, 1), date(2026, 8, 31)),
            ),
        ),
        Body("riverside", Localised.of("Riverside branch"), BodyKind.BRANCH, parent="planning", answer_days=14),
        Body("canals", Localised.of("Society of Canal Friends"), BodyKind.SOCIETY, has_ended=True),
    ),
    Holidays("GB-WLS"),
    "Europe/London",
)

BY_SECRETARY = Role.SECRETARY
STORIES = {
    LONG: idea(
        LONG,
        *begun("Benches at every tram stop, with a back to lean on.", 120),
        Entry(K.EDITED, ago(119.9), "Benches at every tram stop, with a back to lean on and a roof."),
        Entry(K.SENT, ago(119.5), next="riverside", days=14),
        Entry(K.SEEN, ago(118), body="riverside", by=BY_SECRETARY),
        Entry(K.ASKED, ago(117), reason="Which stops do you mean first of all?", body="riverside", by=BY_SECRETARY),
        Entry(K.REPLIED, ago(116), "Mill Lane and the hospital.\n\nThe others can wait a year."),
        Entry(K.PASSED, ago(115), body="riverside", by=BY_SECRETARY, next="planning", days=30),
        Entry(K.SILENT, ago(70), body="planning"),
        Entry(K.CONSIDERED, ago(60), body="planning", on=date(2026, 3, 12)),
        Entry(
            K.DECLINED,
            ago(59),
            reason="There is no money for street furniture this year, and the stops are to be moved anyway.",
            body="planning",
            by=BY_SECRETARY,
        ),
        Entry(K.APPEALED, ago(50), "The stops at the hospital stay where they are.", next="congress", days=60),
        Entry(K.ACCEPTED, ago(30), reason="The hospital’s stops can’t wait.", body="congress", by=BY_SECRETARY),
        Entry(K.ADOPTED, ago(20), body="congress", by=BY_SECRETARY),
        Entry(K.CARRIED_OUT, ago(3), reason="Four benches stand since Monday.", body="congress", by=BY_SECRETARY),
        Entry(K.CLOSED, ago(3)),
        Entry(K.HEARD, ago(1), "It took long, but yes.", score=4, body="congress"),
    ),
    COMPOSED: idea(
        COMPOSED,
        Entry(K.COMPOSED, ago(20), "Benches and roofs at all stops near hospitals and schools.", body="planning"),
        Entry(K.JOINED, ago(20), other=PART),
        Entry(K.JOINED, ago(20), other=HIDDEN),
        Entry(K.JOINED, ago(20), other=OTHER_PART),
        Entry(K.LEFT, ago(15), other=OTHER_PART),
        Entry(K.SENT, ago(10), next="planning", days=30),
    ),
    PART: idea(
        PART,
        *begun("Somewhere to sit while one waits at the hospital.", 40),
        Entry(K.SENT, ago(39), next="planning", days=30),
        Entry(K.MERGED, ago(20), body="planning", other=COMPOSED),
    ),
    OTHER_PART: idea(
        OTHER_PART,
        *begun("Roofs, because of the rain.", 40),
        Entry(K.SENT, ago(39), next="planning", days=30),
        Entry(K.MERGED, ago(20), body="planning", other=COMPOSED),
        Entry(K.OBJECTED, ago(15), "I said roofs, not benches.", other=COMPOSED, next="planning", days=30),
        Entry(K.WITHDRAWN, ago(14)),
    ),
    HIDDEN: replace(
        idea(
            HIDDEN,
            *begun(f"The first of it, {SECRET}.", 30),
            Entry(K.EDITED, ago(29), f"Sold cheaply: {SECRET}."),
            Entry(K.SENT, ago(28), next="planning", days=60),
            Entry(K.HIDDEN, ago(27), reason="It sells things.", by=Role.ORGANISER, rule=Rule.ADVERTISING),
            Entry(K.CONTESTED, ago(26), f"I only said {SECRET}!", next="congress", days=60),
        ),
        attachments=(Attachment(AttachmentKind.PHOTO, "telegram:1", "abc", "image/jpeg"),),
    ),
    ERASED: replace(
        idea(
            ERASED,
            Entry(K.SAID, ago(30)),
            Entry(K.CONFIRMED, ago(30)),
            Entry(K.ACKNOWLEDGED, ago(30)),
            Entry(K.ERASED, ago(2)),
        ),
        author=None,
    ),
    REDACTED: idea(
        REDACTED,
        Entry(K.SAID, ago(9)),
        Entry(K.CONFIRMED, ago(9)),
        Entry(K.ACKNOWLEDGED, ago(9)),
        Entry(K.SENT, ago(8), next="planning", days=30),
        Entry(
            K.REDACTED,
            ago(7),
            "Ring ████ ██████ at ███████, who has the key to the hall.",
            reason="It named somebody and their number.",
            by=Role.ORGANISER,
            rule=Rule.PERSONAL_DATA,
        ),
    ),
    LATE: idea(
        LATE,
        *begun("Night buses to the ring road. 🚌", 40),
        Entry(K.SENT, ago(38), next="riverside", days=14),
        Entry(K.SILENT, ago(20), body="riverside"),
    ),
    WAITING: idea(
        WAITING,
        *begun("Trees in Mill Lane.", 3),
        Entry(K.SENT, ago(2), next="planning", days=30),
    ),
}
TALLIES = (
    Tally("riverside", 5, in_time=1, late=1, silent=3, accepted=1, declined=1, median_days=21.25, heard={1: 1, 2: 1}),
    Tally(
        "planning",
        sent=1204,
        in_time=903,
        late=201,
        silent=34,
        accepted=310,
        declined=600,
        median_days=17.5,
        heard={1: 3, 2: 5, 3: 11, 4: 30, 5: 21},
    ),
    Tally("congress", sent=4),
    Tally("canals", sent=12, in_time=12, accepted=12, median_days=2.0, heard={5: 3}),
)
OPINIONS = {
    "planning": (
        Entry(K.HEARD, ago(1), "They rang me up and asked what I meant.", score=5, body="planning"),
        Entry(K.HEARD, ago(2), "A form letter.", score=1, body="planning"),
        Entry(K.HEARD, ago(3), None, score=3, body="planning"),
    ),
    "riverside": (Entry(K.HEARD, ago(1), "Only mine.", score=1, body="riverside"),),
}
MODERATED = Moderated({Rule.ADVERTISING: 4, Rule.ABUSE: 2}, {Rule.PERSONAL_DATA: 7}, contested=3, restored=1, upheld=1)


def furnish(stage: Stage) -> Stage:
    """Now much has happened on it already."""
    stage.store.declared = BODIES
    stage.store.stories |= STORIES
    stage.store.supports[LONG] = 12
    stage.board.counted, stage.board.said, stage.board.moderation = TALLIES, OPINIONS, MODERATED
    return stage


def rich_stage(public_url: str = "") -> Stage:
    return furnish(Stage(public_url=public_url))
