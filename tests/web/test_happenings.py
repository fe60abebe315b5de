"""What has happened to an idea, and where it is now: every kind of entry, lateness, lineage."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.ideas import Idea
from core.members import Role
from core.standings import Referral
from core.stories import Entry, EntryKind, Rule
from core.telling import HEADINGS
from tests.web.examples import (
    BODIES,
    COMPOSED,
    ERASED,
    HIDDEN,
    LATE,
    LONG,
    OTHER_PART,
    PART,
    SECRET,
    SOURCE,
    STORIES,
    WAITING,
    begun,
    rich_stage,
)
from tests.web.stage import CODE, NOW, visiting
from web.standings import days_late, where
from web.wording import shortened


@pytest.mark.parametrize("kind", EntryKind)
async def test_every_kind_of_entry_is_told_with_its_heading_time_sentence_and_words(kind: EntryKind) -> None:
    entry = Entry(
        kind,
        datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
        text="The words with it.",
        reason=None if kind in (EntryKind.REPLIED, EntryKind.APPEALED) else "The reason for it.",
        body="riverside",
        by=Role.SECRETARY,
        other=PART,
        on=date(2026, 3, 12),
        score=4,
        rule=Rule.ABUSE if kind in (EntryKind.HIDDEN, EntryKind.REDACTED) else None,
        next="planning" if kind in (EntryKind.SENT, EntryKind.PASSED, EntryKind.APPEALED) else None,
        days=30,
    )
    stage = rich_stage()
    stage.store.stories[CODE] = Idea(CODE, 1, SOURCE, (*begun("At first.", 60), entry))
    async with visiting(stage) as visitor:
        page = (await visitor.get(f"/ideas/{CODE}")).text
        told = (await visitor.get(f"/ideas/{CODE}.json")).json()["story"][-1]
    happening = page.split(f'<li class="happening is-{kind.value}">')[-1].split("</li>")[0]
    assert f"<h3>{HEADINGS[kind].msgid}</h3>" in happening
    assert '<time datetime="2026-04-01T09:30:00+00:00">1 April 2026, 09:30</time>' in happening
    assert "{" not in happening
    if entry.reason:
        assert "<figcaption>In the words of Riverside branch</figcaption>" in happening
        assert "The reason for it." in happening
        assert told["reason"] == "The reason for it."
    elif kind not in (EntryKind.HIDDEN, EntryKind.ERASED):
        assert "<figcaption>In its author’s words</figcaption>" in happening
        assert "The words with it." in happening
    assert told["kind"] == kind.value


async def test_a_day_is_a_time_and_a_code_leads_to_its_story() -> None:
    async with visiting(rich_stage()) as visitor:
        page = (await visitor.get(f"/ideas/{LONG}")).text
        part = (await visitor.get(f"/ideas/{PART}")).text
    assert 'at its meeting of <time datetime="2026-03-12">12 March 2026</time>.' in page
    assert f'into <a class="code" href="/ideas/{COMPOSED}">{COMPOSED}</a>.' in part


async def test_silence_and_appeals_stand_out_for_the_eye_and_in_words() -> None:
    async with visiting(rich_stage()) as visitor:
        late, long = (await visitor.get(f"/ideas/{LATE}")).text, (await visitor.get(f"/ideas/{LONG}")).text
    assert '<p class="where is-late">Waits with Riverside branch, which was to answer by' in late
    assert "and is 23 days late." in late
    assert '<li class="happening is-silent">' in long
    assert '<li class="happening is-appealed">' in long
    assert "12 members support it" in long
    assert "No supporters yet" in late


# --- where it is now
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (WAITING, "Waits with {body}, which answers by {day}."),
        (LONG, "Its story has ended: carried out, {body} reports."),
        (PART, "Part of {other} now, where its story goes on."),
        (OTHER_PART, "Its author took it back."),
        (ERASED, "An idea by a former member, erased at their request."),
    ],
)
def test_where_an_idea_is_now_is_said_in_a_line(code: str, says: str) -> None:
    assert where(STORIES[code], BODIES, NOW).msgid == says


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ((), "Received. An organiser will send it to the body that answers it."),
        ((Entry(EntryKind.ACCEPTED, NOW, body="planning"),), "Accepted by {body}."),
        ((Entry(EntryKind.DECLINED, NOW, body="planning"),), "Declined by {body}. Its author may appeal."),
        (
            (
                Entry(EntryKind.DECLINED, NOW, body="planning"),
                Entry(EntryKind.APPEALED, NOW, "No.", next="congress", days=60),
            ),
            "Appealed. Waits with {body}, which answers by {day}.",
        ),
        ((Entry(EntryKind.NOT_CARRIED_OUT, NOW, body="planning"),), "Not carried out, {body} reports."),
        ((Entry(EntryKind.UNDONE, NOW, body="planning"),), "Taken apart again. Each of its ideas stands by itself."),
        (
            (Entry(EntryKind.NOT_OURS, NOW, body="planning"),),
            "Received. An organiser will send it to the body that answers it.",
        ),
        (
            (Entry(EntryKind.DECLINED, NOW, body="planning"), Entry(EntryKind.CLOSED, NOW)),
            "Its story has ended: declined by {body}.",
        ),
    ],
)
def test_each_stage_has_its_line(entries: tuple[Entry, ...], says: str) -> None:
    assert where(Idea(CODE, 1, SOURCE, (*begun("At first.", 9), *entries)), BODIES, NOW).msgid == says


def test_a_body_is_late_from_the_day_after_its_last_one() -> None:
    referral = Referral("riverside", datetime(2026, 2, 2, 12, tzinfo=UTC), 14, 4)
    due = BODIES.due(referral)
    assert days_late(referral, BODIES, due - timedelta(seconds=1)) == 0
    assert days_late(referral, BODIES, due) == 1
    assert days_late(referral, BODIES, due + timedelta(days=1)) == 2
    assert days_late(replace(referral, silent_at=NOW), BODIES, due - timedelta(days=3)) == 1
    assert days_late(None, BODIES, NOW) == 0


# --- lineage
async def test_a_composite_shows_its_parts_and_a_part_its_composite() -> None:
    async with visiting(rich_stage()) as visitor:
        whole = (await visitor.get(f"/ideas/{COMPOSED}")).text
        part = (await visitor.get(f"/ideas/{PART}")).text
        told = (await visitor.get(f"/ideas/{COMPOSED}.json")).json()
        told_part = (await visitor.get(f"/ideas/{PART}.json")).json()
    parts = whole.split('<ul class="parts">')[1].split("</ul>")[0]
    assert f'href="/ideas/{PART}"' in parts
    assert "Somewhere to sit" in parts
    assert f'href="/ideas/{HIDDEN}"' in parts
    assert "Its words can’t be shown." in parts
    assert OTHER_PART not in parts
    assert SECRET not in whole
    assert "Benches and roofs at all stops" in part.split('class="kin"')[1].split("</p>")[0]
    assert told["parts"] == [PART, HIDDEN]
    assert told_part["part_of"] == COMPOSED


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("A bench.", 20, "A bench."),
        ("A bench at the stop, now", 21, "A bench at the stop…"),
        ("W" * 30, 10, "WWWWWWWWW…"),
    ],
)
def test_words_are_shortened_between_words_where_there_are_any(text: str, most: int, shown: str) -> None:
    assert shortened(text, most) == shown
