"""The accountant, tried: a record that adds up is settled, and each falsified one is found out by the right account."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.accounts import settle
from tests.chaos.platforms import TELEGRAM
from tests.chaos.record import Answer, Arrival, Broadcast, Ending, Idea, Person, Posting, Record, Row

NOON, NIGHT = datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 3, 27, 23, tzinfo=UTC)
CODE = "7K3P-9MQA"
ASKED = "Parks\n\nYou are asked:"
ANN, BEN, CAT = "1001", "1002", "1003"


def posting(number: int, user: str, what: str = "", about: str = "", words: str = "") -> Posting:
    return Posting(f"{TELEGRAM}:{number}", user, what, about, words, float(number), number + 0.1, (200,))


def arrival(message: int, user: str, text: str, real: float, at: datetime = NOON) -> Arrival:
    return Arrival(TELEGRAM, user, str(message), text, real, (at,))


def row(number: int, user: str, priority: str, message: int | None, attempts: int = 1, state: str = "sent") -> Row:
    return Row(number, TELEGRAM, user, priority, state, attempts, "" if message is None else str(message))


def nudge(number: int, user: str, member: int, message: int | None, state: str = "sent", why: str = "") -> Row:
    return replace(
        row(number, user, "nudge", message, state=state), broadcast=1, member=member, text=ASKED, why=why
    )  # fmt: skip


def person(number: int, user: str, *, stopped: bool = False) -> Person:
    return Person(number, TELEGRAM, user, "Europe/London", True, stopped, False)


POSTINGS = (
    posting(1, ANN, "consent"), posting(2, BEN, "consent"), posting(3, CAT, "consent"),
    posting(10, ANN, "answer", "city/which", "trees"), posting(11, ANN, "answer", "city/which", "paths"),
    posting(12, ANN, "idea", "", "More trees"), posting(13, ANN, "edit", "", "Many more trees"),
    posting(40, BEN, "stop"),
)  # fmt: skip
GOOD = Record(
    now=NOON,
    keys=frozenset(one.key for one in POSTINGS),
    postings=POSTINGS,
    arrivals=(
        arrival(101, ANN, f"Your idea is in: {CODE}", 12.5),
        arrival(102, ANN, "It now reads as you changed it", 13),
        arrival(103, ANN, "It now reads as you changed it", 14),
        arrival(104, ANN, ASKED, 21), arrival(105, BEN, ASKED, 22), arrival(106, CAT, ASKED, 23),
        arrival(107, BEN, "You won’t hear from me again", 40.3),
    ),
    rows=(
        row(1, ANN, "reply", 101), row(2, ANN, "reply", 103, attempts=2), nudge(3, ANN, 1, 104), nudge(4, BEN, 2, 105),
        nudge(5, CAT, 3, None, "uncertain", "the sender was lost"), row(6, BEN, "reply", 107),
    ),
    broadcasts=(Broadcast(1, "parks", "invitation", True, NOON),),
    people=(person(1, ANN), person(2, BEN, stopped=True), person(3, CAT)),
    answers=(Answer(ANN, "city/which", "trees", False), Answer(ANN, "city/which", "paths", True)),
    ideas=(Idea(CODE, ANN, ("More trees", "Many more trees")),),
    ordered={1: 20.0},
    endings=(Ending("web", 0, 1.0),),
)  # fmt: skip


def unsettled(record: Record) -> list[str]:
    return [account.name for account in settle(record, "Europe/London") if not account.is_settled]


def test_a_record_that_adds_up_is_settled() -> None:
    assert unsettled(GOOD) == []
    accounts = {account.name: account for account in settle(GOOD, "Europe/London")}
    assert len(accounts) == 15
    assert "1 were repeats" in accounts["nothing twice"].counted
    assert accounts["one final state each"].counted == "6 planned: 5 sent, 1 uncertain"


def with_row(number: int, **changes: object) -> Callable[[Record], Record]:
    return lambda good: replace(
        good, rows=tuple(replace(one, **changes) if one.id == number else one for one in good.rows)  # type: ignore[arg-type]
    )  # fmt: skip


def with_posting(key: int, **changes: object) -> Callable[[Record], Record]:
    name = f"{TELEGRAM}:{key}"
    return lambda good: replace(
        good, postings=tuple(replace(one, **changes) if one.key == name else one for one in good.postings)  # type: ignore[arg-type]
    )  # fmt: skip


def also(arrived: Arrival) -> Callable[[Record], Record]:
    return lambda good: replace(good, arrivals=(*good.arrivals, arrived))


def without(message: int) -> Callable[[Record], Record]:
    return lambda good: replace(good, arrivals=tuple(one for one in good.arrivals if one.message != str(message)))


def moved(message: int, **changes: object) -> Callable[[Record], Record]:
    return lambda good: replace(
        good,
        arrivals=tuple(replace(one, **changes) if one.message == str(message) else one for one in good.arrivals),  # type: ignore[arg-type]
    )  # fmt: skip


def but(**changes: object) -> Callable[[Record], Record]:
    return lambda good: replace(good, **changes)  # type: ignore[arg-type]


FALSIFIED: list[tuple[str, str, Callable[[Record], Record]]] = [
    ("a lost inbound", "acknowledged is stored", but(keys=GOOD.keys - {f"{TELEGRAM}:12"})),
    ("an inbound never taken", "acknowledged is stored", with_posting(13, acknowledged=None, statuses=(500, 0))),
    ("an answer taken twice", "answers", but(answers=(*GOOD.answers, replace(GOOD.answers[0], value="paths")))),
    ("a lost answer", "answers", but(answers=GOOD.answers[1:])),
    ("an earlier answer that won", "answers", but(answers=tuple(
        replace(one, is_latest=not one.is_latest) for one in GOOD.answers))),
    ("no answer that is the latest", "answers", but(answers=(
        GOOD.answers[0], replace(GOOD.answers[1], is_latest=False)))),
    ("a lost idea", "ideas", but(ideas=())),
    ("an idea put forward twice", "ideas", but(ideas=(*GOOD.ideas, Idea("9999-9999", ANN, ("More trees",))))),
    ("an idea of somebody else", "ideas", but(ideas=(replace(GOOD.ideas[0], user=BEN),))),
    ("an idea that nobody said", "ideas", but(ideas=(*GOOD.ideas, Idea("9999-9999", ANN, ("Fewer trees",))))),
    ("one code for two ideas", "ideas", but(
        ideas=(*GOOD.ideas, Idea(CODE, ANN, ("A bench",))),
        postings=(*POSTINGS, posting(12, ANN, "idea", "", "A bench")))),
    ("a code that was never told", "ideas", moved(101, text="Your idea is in")),
    ("a new wording taken twice", "ideas", but(ideas=(replace(
        GOOD.ideas[0], texts=(*GOOD.ideas[0].texts, "Many more trees")),))),
    ("a STOP that isn't known", "coming and going", but(people=(GOOD.people[0], person(2, BEN), GOOD.people[2]))),
    ("a consent that isn't known", "coming and going", but(people=(
        replace(GOOD.people[0], has_consented=False), *GOOD.people[1:]))),
    ("a story that was changed", "stories whole and sealed", but(findings=("Entry 1 is not as it was sealed.",))),
    ("a seal that never came", "stories whole and sealed", but(unsealed=1)),
    ("a verification that fails", "stories whole and sealed", but(verified="THE RECORD IS NOT WHAT WAS SEALED.")),
    ("a delivery left claimed", "one final state each", with_row(5, state="claimed")),
    ("a delivery left planned", "one final state each", with_row(5, state="planned", attempts=0)),
    ("a nudge that came twice", "nothing twice", also(arrival(108, ANN, ASKED, 25))),
    ("an uncertain nudge that came twice", "nothing twice", also(arrival(108, CAT, ASKED, 25))),
    ("a nudge to nobody's account", "nothing twice", with_row(5, state="suppressed", why="said STOP")),
    ("a reply repeated more often than tried", "nothing twice", also(
        arrival(108, ANN, "It now reads as you changed it", 15))),
    ("a reply repeated with one attempt", "nothing twice", with_row(2, attempts=1)),
    ("a message that nobody planned", "nothing twice", also(arrival(108, ANN, "Good evening", 15))),
    ("a message called sent that never came", "sent has arrived", without(107)),
    ("a member who was forgotten in the planning", "invited, or told why not", but(rows=tuple(
        one for one in GOOD.rows if one.id != 5), arrivals=tuple(one for one in GOOD.arrivals if one.user != CAT))),
    ("a broadcast half planned", "invited, or told why not", but(broadcasts=(replace(
        GOOD.broadcasts[0], is_planned=False),))),
    ("a delivery that doesn't say why not", "invited, or told why not", with_row(5, why="")),
    ("a message in the night", "none at night", moved(104, shown=(NIGHT,))),
    ("a message in the night of New York", "none at night", but(people=(
        replace(GOOD.people[0], zone="Australia/Sydney"), *GOOD.people[1:]))),
    ("a nudge after STOP", "none after STOP", moved(105, real=45.0)),
    ("a limit broken", "no limit broken", but(earned=("Too Many Requests: retry after 1",))),
    ("somebody who waited in vain", "nobody waited in vain", but(unheard=("1001 waited for “Open now”",))),
    ("a fault in a log", "no fault in any log", but(tracebacks=("web: KeyError: 'chat'",))),
    ("a process that would not end", "ends when told to", but(endings=(Ending("web", 0, 12.0),))),
    ("a process that ended badly", "ends when told to", but(endings=(Ending("web", 1, 1.0),))),
]  # fmt: skip


@pytest.mark.parametrize(("account", "falsify"), [one[1:] for one in FALSIFIED], ids=[one[0] for one in FALSIFIED])
def test_a_falsified_record_is_found_out(account: str, falsify: Callable[[Record], Record]) -> None:
    assert account in unsettled(falsify(GOOD))


def test_what_was_on_its_way_when_somebody_said_stop_is_no_breach() -> None:
    assert unsettled(moved(105, real=40.9)(GOOD)) == []


def test_a_message_after_coming_back_is_no_breach() -> None:
    back = replace(posting(44, BEN, "return"))
    people = (GOOD.people[0], person(2, BEN), GOOD.people[2])
    record = replace(GOOD, postings=(*POSTINGS, back), keys=GOOD.keys | {back.key}, people=people)
    assert unsettled(moved(105, real=45.0)(record)) == []


def test_a_clock_moved_under_a_message_on_its_way_is_no_breach_and_a_night_by_every_clock_is_one() -> None:
    assert unsettled(moved(104, shown=(NOON, NIGHT))(GOOD)) == []
    assert unsettled(moved(104, shown=(NIGHT, NIGHT + timedelta(hours=1)))(GOOD)) == ["none at night"]


def test_whoever_left_before_the_planning_was_over_is_owed_nothing() -> None:
    rows = tuple(one for one in GOOD.rows if one.id != 4)
    arrivals = tuple(one for one in GOOD.arrivals if one.message != "105")
    early = tuple(replace(one, posted=20.5, acknowledged=20.6) if one.what == "stop" else one for one in POSTINGS)
    assert unsettled(replace(GOOD, rows=rows, arrivals=arrivals, postings=early)) == []


def test_a_reply_repeated_under_another_id_may_have_been_changed_under_the_first() -> None:
    repeated = (row(7, CAT, "reply", 202, attempts=2), row(8, CAT, "reply", 201))
    said = (arrival(201, CAT, "Hello", 50), arrival(202, CAT, "Hello", 52), arrival(201, CAT, "Open now", 53))
    assert unsettled(replace(GOOD, rows=(*GOOD.rows, *repeated), arrivals=(*GOOD.arrivals, *said))) == []


def test_a_change_made_twice_is_a_repeat_if_its_row_was_tried_twice() -> None:
    rows = (row(7, CAT, "reply", 201), row(8, CAT, "reply", 201, attempts=2), row(9, CAT, "reply", 201))
    asked = (arrival(201, CAT, "Which?", 50), arrival(201, CAT, "How fast?", 51), arrival(201, CAT, "How fast?", 52))
    said = tuple(replace(one, is_change=one.text != "Which?") for one in (*asked, arrival(201, CAT, "What else?", 53)))
    record = replace(GOOD, rows=(*GOOD.rows, *rows), arrivals=(*GOOD.arrivals, *said))
    assert unsettled(record) == []
    assert unsettled(with_row(8, attempts=1)(record)) == ["nothing twice"]


def test_a_line_names_its_offenders() -> None:
    lines = [account.line for account in settle(with_row(5, state="claimed")(GOOD), "Europe/London")]
    assert any("NOT SETTLED" in line and "delivery 5 (nudge to 1003) is claimed" in line for line in lines)
