from hypothesis import given
from hypothesis import strategies as st

from core.pace import TELEGRAM, Limits, Pace, Window
from core.places import Place

PERSON = Place("telegram:1", "7")
GROUP = Place("telegram:1", "-7", private=False)


def most_in_any(window: float, sends: list[float]) -> int:
    return max((sum(start <= at < start + window for at in sends) for start in sends), default=0)


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 0.3), st.booleans()), max_size=200))
def test_whatever_is_sent_no_window_of_the_account_or_of_a_chat_holds_too_many(
    asked: list[tuple[int, float, bool]],
) -> None:
    pace, now = Pace(TELEGRAM), 100.0
    by_chat: dict[str, list[float]] = {}
    for chat, later, spaced in asked:
        now += later
        at = pace.reserve(Place("telegram:1", str(chat)), now, spaced=spaced)
        assert at >= now
        by_chat.setdefault(str(chat), []).append(at)
    assert most_in_any(1.0, sorted(at for sends in by_chat.values() for at in sends)) <= 30
    assert all(most_in_any(3.0, sends) <= 3 for sends in by_chat.values())


def test_a_broadcast_keeps_close_to_the_limit() -> None:
    pace = Pace(TELEGRAM)
    sends = [pace.reserve(Place("telegram:1", str(chat)), 0.0, spaced=True) for chat in range(3000)]
    assert 2999 / (sends[-1] - sends[0]) >= 0.98 * 30


def test_a_reply_finds_a_gap_soon_while_a_broadcast_goes_out() -> None:
    pace = Pace(TELEGRAM)
    last = max(pace.reserve(Place("telegram:1", str(chat)), 0.0, spaced=True) for chat in range(60))
    assert pace.reserve(PERSON, last) - last < 0.1


def test_a_group_gets_twenty_a_minute() -> None:
    pace = Pace(TELEGRAM)
    sends = [pace.reserve(GROUP, 0.0) for _ in range(41)]
    assert sends[19] == 0.0
    assert sends[20] >= 60
    assert sends[40] >= 120


def test_a_held_chat_waits_and_others_do_not() -> None:
    pace = Pace(Limits(person=Window(1, 1.0)))
    pace.hold(50.0, PERSON.chat)
    assert pace.reserve(PERSON, 10.0) == 50.0
    assert pace.reserve(Place("telegram:1", "8"), 10.0) == 10.0
    assert pace.room(10.0, 0.2) > 0


def test_a_held_lane_has_no_room_until_it_is_over() -> None:
    pace = Pace(TELEGRAM)
    pace.hold(20.0)
    assert pace.room(10.0, 0.2) == 0
    assert pace.reserve(PERSON, 10.0) == 20.0
    assert pace.room(20.0, 0.2) > 0


def test_room_is_what_the_window_leaves() -> None:
    pace = Pace(Limits(Window(5, 1.0)))
    for chat in range(3):
        pace.reserve(Place("a", str(chat)), 0.0)
    assert pace.room(0.0, 0.2) == 2
    assert pace.room(1.5, 0.2) == 5
