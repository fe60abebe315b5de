"""Stories: what may follow what, and where an idea stands, over every path that a story can take."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ideas import Idea
from core.places import Source
from core.standings import (
    ANSWERS,
    MAY_FOLLOW,
    About,
    IllegalEntry,
    Referral,
    Stage,
    Standing,
    after,
    effect,
    may_follow,
    stand,
)
from core.stories import NEEDS_REASON, REWORDS, TELLS, Entry, EntryKind, Rule

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BODIES = ("riverside", "planning", "conference")
CODES = ("AAAA-AA9M", "BBBB-BB9M", "CCCC-CC9M")

ANY_ENTRY = st.builds(
    Entry,
    kind=st.sampled_from(EntryKind),
    at=st.integers(0, 99).map(lambda n: NOON + n * MINUTE),
    body=st.none() | st.sampled_from(BODIES),
    next=st.none() | st.sampled_from(BODIES),
    days=st.none() | st.integers(0, 90),
    other=st.none() | st.sampled_from(CODES),
    rule=st.none() | st.sampled_from(Rule),
)
OF_MERGING = frozenset({EntryKind.MERGED, EntryKind.SEPARATED, EntryKind.OBJECTED, EntryKind.JOINED, EntryKind.LEFT})
OF_HIDING = frozenset({EntryKind.HIDDEN, EntryKind.CONTESTED, EntryKind.RESTORED, EntryKind.UPHELD})
LONELY = frozenset({Stage.RECEIVED, Stage.ACCEPTED, Stage.ADOPTED, Stage.DECLINED, Stage.MERGED})


def allowed(now: Standing) -> list[EntryKind]:
    return [kind for kind in EntryKind if may_follow(now, kind)]


RARELY = frozenset({EntryKind.ERASED, EntryKind.WITHDRAWN, EntryKind.UNDONE})
"""So that stories get far."""


def next_entry(now: Standing, at: datetime, dice: int) -> Entry:
    """One that may follow, with what such an entry says; a body that it goes to even if it is no entry that sends."""
    dice, kind = _pick(dice, [k for k in allowed(now) if k not in RARELY or dice % 7 == 0] or allowed(now))
    dice, body = _pick(dice, BODIES)
    dice, brings = _pick(dice, (None, *BODIES))
    dice, other = _pick(dice, CODES)
    dice, rule = _pick(dice, [rule if kind in OF_HIDING else None for rule in Rule])
    if kind in (EntryKind.SILENT, EntryKind.MOVED):
        waits = ((None, now.with_body), (now.rule, now.contest))
        _, rule = _pick(dice, [r for r, one in waits if one and (kind is EntryKind.MOVED or one.silent_at is None)])
    days = 30 if brings else None
    return Entry(kind, at, body=body, next=brings, days=days, other=other if kind in OF_MERGING else None, rule=rule)


Picked = TypeVar("Picked")


def _pick(dice: int, among: Sequence[Picked]) -> tuple[int, Picked]:
    rest, place = divmod(dice, len(among))
    return rest, among[place]


def walk(is_begun: bool, dice: Sequence[int]) -> tuple[Entry, ...]:
    story = [Entry(EntryKind.ACKNOWLEDGED, NOON), Entry(EntryKind.SENT, NOON, next="riverside", days=30)]
    story = story if is_begun else []
    now = stand(story)
    for thrown in dice:
        if not allowed(now):
            break
        story.append(next_entry(now, NOON + len(story) * MINUTE, thrown))
        now = after(now, story[-1], len(story))
    return tuple(story)


PATHS = st.builds(walk, st.booleans(), st.lists(st.integers(0, 10**6), max_size=30))
"""Stories in which every entry was allowed when it came."""
UNHURRIED = settings(max_examples=100)


def standings(story: Sequence[Entry]) -> list[Standing]:
    """After each of its entries."""
    found = [Standing()]
    for number, entry in enumerate(story, 1):
        found.append(after(found[-1], entry, number))
    return found


# --- the tables
def test_every_kind_may_follow_somewhere() -> None:
    assert set(MAY_FOLLOW) == set(EntryKind)
    assert all(MAY_FOLLOW.values())


def test_something_may_follow_at_every_stage_but_the_erased() -> None:
    assert {stage for stage in Stage if not any(stage in stages for stages in MAY_FOLLOW.values())} == {Stage.ERASED}


def test_whoever_is_told_no_is_told_why_and_told_at_all() -> None:
    told_no = {EntryKind.DECLINED, EntryKind.NOT_OURS, EntryKind.NOT_CARRIED_OUT, EntryKind.HIDDEN, EntryKind.UPHELD}
    assert told_no <= NEEDS_REASON
    assert all("author" in TELLS[kind] for kind in NEEDS_REASON | ANSWERS | {EntryKind.SILENT, EntryKind.MOVED})


def test_what_an_answer_is_ends_the_time_of_whoever_had_it() -> None:
    assert {kind for kind in ANSWERS if effect(Entry(kind, NOON)).ends is not About.IDEA} == set()


def test_the_author_s_own_words_and_nobody_else_s_reword_an_idea() -> None:
    assert EntryKind.EDITED in REWORDS
    assert not REWORDS & (ANSWERS | {EntryKind.REPLIED, EntryKind.APPEALED, EntryKind.OBJECTED})


# --- examples
BEGUN = (
    Entry(EntryKind.SAID, NOON, "More benches"),
    Entry(EntryKind.CONFIRMED, NOON),
    Entry(EntryKind.ACKNOWLEDGED, NOON),
    Entry(EntryKind.SENT, NOON, next="riverside", days=30),
)


def test_a_whole_story_from_a_branch_to_the_report_back() -> None:
    story = (
        *BEGUN,
        Entry(EntryKind.SEEN, NOON, body="riverside"),
        Entry(EntryKind.ASKED, NOON, reason="Where?", body="riverside"),
        Entry(EntryKind.REPLIED, NOON, "By the river"),
        Entry(EntryKind.ACCEPTED, NOON, body="riverside", next="planning", days=60),
        Entry(EntryKind.DECLINED, NOON, reason="Too costly, we think", body="planning"),
        Entry(EntryKind.APPEALED, NOON, "It isn’t", next="conference", days=60),
        Entry(EntryKind.ADOPTED, NOON, body="conference"),
        Entry(EntryKind.CARRIED_OUT, NOON, body="planning"),
        Entry(EntryKind.CLOSED, NOON),
        Entry(EntryKind.HEARD, NOON, score=5),
    )
    assert [now.stage for now in standings(story)] == [
        Stage.BEGUN, Stage.BEGUN, Stage.BEGUN, Stage.RECEIVED, Stage.WAITING, Stage.WAITING, Stage.WAITING,
        Stage.WAITING, Stage.WAITING, Stage.DECLINED, Stage.WAITING, Stage.ADOPTED, Stage.CARRIED_OUT, Stage.CLOSED,
        Stage.CLOSED,
    ]  # fmt: skip
    idea = Idea("AAAA-AA9M", 1, Source("web", "1", "1"), ())
    for entry in story:
        idea = idea.with_entry(entry)
    assert idea.story == story


def test_an_appeal_opens_an_appeal_with_the_body_that_hears_it() -> None:
    declined = (*BEGUN, Entry(EntryKind.DECLINED, NOON, reason="No money for it", body="riverside"))
    appealed = stand((*declined, Entry(EntryKind.APPEALED, NOON + MINUTE, next="planning", days=60)))
    assert stand(declined).with_body is None
    assert appealed.with_body == Referral("planning", NOON + MINUTE, 60, 6, is_appeal=True)
    assert (appealed.stage, appealed.declined_by) == (Stage.WAITING, "riverside")


def test_an_appeal_against_hiding_runs_beside_the_idea() -> None:
    hidden = (*BEGUN, Entry(EntryKind.HIDDEN, NOON, reason="It insults somebody", rule=Rule.ABUSE))
    contested = (*hidden, Entry(EntryKind.CONTESTED, NOON, next="planning", days=60, rule=Rule.ABUSE))
    now = stand(contested)
    assert (now.with_body, now.rule) == (stand(BEGUN).with_body, Rule.ABUSE)
    assert now.contest == Referral("planning", NOON, 60, 6, is_appeal=True)
    upheld = stand((*contested, Entry(EntryKind.UPHELD, NOON, reason="It still does", rule=Rule.ABUSE)))
    restored = stand((*contested, Entry(EntryKind.RESTORED, NOON)))
    assert (upheld.is_hidden, upheld.rule, upheld.contest) == (True, Rule.ABUSE, None)
    assert (restored.is_hidden, restored.rule, restored.contest) == (False, None, None)
    assert upheld.with_body == restored.with_body == now.with_body


def test_an_idea_passed_to_nobody_waits_for_an_organiser() -> None:
    now = stand((*BEGUN, Entry(EntryKind.PASSED, NOON, body="riverside")))
    assert (now.stage, now.with_body) == (Stage.RECEIVED, None)


def test_a_body_that_looks_at_it_starts_no_clock_whatever_else_it_says() -> None:
    now = stand((*BEGUN, Entry(EntryKind.SEEN, NOON + MINUTE, body="riverside", next="planning", days=9)))
    assert now.with_body == Referral("riverside", NOON, 30, 4, seen=True)


def test_a_composite_loses_the_parts_that_leave_it_and_all_when_it_is_taken_apart() -> None:
    joined = (
        Entry(EntryKind.COMPOSED, NOON, "Benches and bins"),
        Entry(EntryKind.JOINED, NOON, other="AAAA-AA9M"),
        Entry(EntryKind.JOINED, NOON, other="BBBB-BB9M"),
        Entry(EntryKind.SENT, NOON, next="riverside", days=30),
    )
    left = (*joined, Entry(EntryKind.LEFT, NOON, other="AAAA-AA9M"))
    assert [stand(story).parts for story in (joined, left)] == [("AAAA-AA9M", "BBBB-BB9M"), ("BBBB-BB9M",)]
    assert stand((*left, Entry(EntryKind.UNDONE, NOON, reason="They differ after all"))).parts == ()


@pytest.mark.parametrize("kind", [EntryKind.RESTORED, EntryKind.CONTESTED, EntryKind.UPHELD])
def test_only_what_is_hidden_can_be_shown_again_or_appealed_for(kind: EntryKind) -> None:
    with pytest.raises(IllegalEntry, match=rf"“{kind}” can't be added to a story that stands at “waiting”"):
        Idea("AAAA-AA9M", 1, Source("web", "1", "1"), BEGUN).with_entry(Entry(kind, NOON))


# --- laws of any list of entries
@UNHURRIED
@given(st.lists(ANY_ENTRY, max_size=10))
def test_any_list_of_entries_stands_somewhere(story: list[Entry]) -> None:
    now = stand(story)
    assert {*allowed(now)} <= {*EntryKind}
    assert isinstance(now.stage, Stage)
    for referral in filter(None, (now.with_body, now.contest)):
        brought = story[referral.number - 1]
        assert (referral.body, referral.since, referral.days) == (brought.next, brought.at, brought.days or 0)
        assert referral.is_appeal or brought.kind not in (EntryKind.APPEALED, EntryKind.CONTESTED)


@UNHURRIED
@given(st.lists(ANY_ENTRY, max_size=10), ANY_ENTRY)
def test_a_story_is_read_entry_by_entry(story: list[Entry], entry: Entry) -> None:
    assert stand([*story, entry]) == after(stand(story), entry, len(story) + 1)


@UNHURRIED
@given(st.lists(ANY_ENTRY, max_size=10))
def test_after_an_erasure_nothing_is_open_and_nothing_may_follow(story: list[Entry]) -> None:
    now = stand([*story, Entry(EntryKind.ERASED, NOON)])
    assert (now.stage, now.with_body, now.contest) == (Stage.ERASED, None, None)
    assert allowed(now) == []


@UNHURRIED
@given(ANY_ENTRY)
def test_an_entry_that_brings_it_to_a_body_says_which_and_makes_it_wait(entry: Entry) -> None:
    does = effect(entry)
    if does.opens:
        assert entry.next
    if does.opens is About.IDEA:
        assert does.stage is Stage.WAITING
    if About.HIDING in (does.opens, does.ends, does.silences):
        assert does.stage is None, "the idea itself goes on as it was"


# --- laws of what may follow
@UNHURRIED
@given(PATHS)
def test_an_idea_waits_as_long_as_a_body_has_it_and_no_longer(story: tuple[Entry, ...]) -> None:
    for now in standings(story):
        assert (now.stage is Stage.WAITING) == (now.with_body is not None)
        assert not now.has_asked or now.stage is Stage.WAITING


@UNHURRIED
@given(PATHS)
def test_about_each_thing_one_referral_at_the_most_is_open(story: tuple[Entry, ...]) -> None:
    """Kept as the store keeps them: begun and ended by what each entry does."""
    open_: dict[About, int] = {}
    for number, (entry, now) in enumerate(zip(story, standings(story)[1:], strict=True), 1):
        does = effect(entry)
        ended = set(About) if entry.kind is EntryKind.ERASED else {does.ends}
        open_ = {about: begun for about, begun in open_.items() if about not in ended}
        assert does.silences is None or does.silences in open_
        if does.opens:
            assert does.opens not in open_
            open_[does.opens] = number
        stands = {About.IDEA: now.with_body, About.HIDING: now.contest}
        assert open_ == {about: referral.number for about, referral in stands.items() if referral}


@UNHURRIED
@given(PATHS)
def test_an_appeal_and_nothing_else_opens_an_appeal(story: tuple[Entry, ...]) -> None:
    for entry, now in zip(story, standings(story)[1:], strict=True):
        for referral in filter(None, (now.with_body, now.contest)):
            brought = story[referral.number - 1]
            assert referral.is_appeal == (brought.kind in (EntryKind.APPEALED, EntryKind.CONTESTED))
        if entry.kind is EntryKind.APPEALED and entry.next:
            assert now.with_body
            assert now.with_body.is_appeal


@UNHURRIED
@given(PATHS)
def test_what_is_contested_is_hidden_and_by_a_rule(story: tuple[Entry, ...]) -> None:
    for now in standings(story):
        assert now.is_hidden or now.contest is None
        assert now.is_hidden == (now.rule is not None)
        assert may_follow(now, EntryKind.RESTORED) == (now.is_hidden and now.stage is not Stage.ERASED)


@UNHURRIED
@given(PATHS)
def test_what_ended_is_never_decided_again(story: tuple[Entry, ...]) -> None:
    seen = standings(story)
    for stage in (Stage.CLOSED, Stage.ERASED, Stage.WITHDRAWN, Stage.UNDONE):
        first = next((n for n, now in enumerate(seen) if now.stage is stage), None)
        if first is None:
            continue
        assert {now.stage for now in seen[first:]} <= {stage, Stage.ERASED}
        assert not any(entry.kind in ANSWERS for entry in story[first:])
        assert not any(now.with_body for now in seen[first:])


@UNHURRIED
@given(PATHS)
def test_it_is_part_of_another_as_long_as_it_is_merged(story: tuple[Entry, ...]) -> None:
    for now in standings(story):
        if now.stage is not Stage.ERASED:
            assert (now.stage is Stage.MERGED) == (now.part_of is not None)


@UNHURRIED
@given(PATHS)
def test_silence_is_noted_once_and_stays_noted(story: tuple[Entry, ...]) -> None:
    seen = standings(story)
    for before, now in pairwise(seen):
        for was, is_ in ((before.with_body, now.with_body), (before.contest, now.contest)):
            if was and is_ and was.number == is_.number and was.silent_at:
                assert is_.silent_at == was.silent_at


@UNHURRIED
@given(PATHS)
def test_a_stage_has_the_time_of_the_entry_that_brought_it(story: tuple[Entry, ...]) -> None:
    now = stand(story)
    brought = [entry for entry in story if effect(entry).stage]
    assert now.since == (brought[-1].at if brought else None)
    assert now.stage == (effect(brought[-1]).stage if brought else Stage.BEGUN)


@UNHURRIED
@given(PATHS)
def test_wherever_it_stands_it_can_be_erased_and_from_most_places_go_on(story: tuple[Entry, ...]) -> None:
    now = stand(story)
    assert may_follow(now, EntryKind.ERASED) == (now.stage is not Stage.ERASED)
    if now.stage in LONELY | {Stage.WAITING}:
        assert any(_leads_on(now, kind) for kind in allowed(now))


def _leads_on(now: Standing, kind: EntryKind) -> bool:
    does = effect(Entry(kind, NOON, next="planning", days=30))
    return kind is not EntryKind.ERASED and does.stage is not None and does.stage is not now.stage


@UNHURRIED
@given(PATHS)
def test_an_entry_that_may_not_follow_is_refused_and_the_idea_left_as_it_was(story: tuple[Entry, ...]) -> None:
    idea = Idea("AAAA-AA9M", 1, Source("web", "1", "1"), story)
    for kind in EntryKind:
        if may_follow(idea.standing, kind):
            assert idea.with_entry(Entry(kind, NOON)).story[:-1] == story
        else:
            with pytest.raises(IllegalEntry):
                idea.with_entry(Entry(kind, NOON))
