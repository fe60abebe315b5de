import heapq

from hypothesis import given
from hypothesis import strategies as st

from core.pace import CHATS_REMEMBERED, RESERVED, TALKING, TELEGRAM, Limit, Limits, Pace
from core.places import Place

PERSON = Place("telegram:1", "7")
GROUP = Place("telegram:1", "-7", private=False)


def chat(number: int) -> Place:
    return Place("telegram:1", str(number))


def most_in_any(window: float, moments: list[float]) -> int:
    return max((sum(start <= at < start + window for at in moments) for start in moments), default=0)


def send_all(
    pace: Pace, sends: list[tuple[Place, float, bool]], now: float = 100.0
) -> list[tuple[Place, float, float]]:
    """Every send as soon as the pace allows, one after the other; (to, started, ended), where each takes its time."""
    flying: list[tuple[float, int, Place]] = []
    done: list[tuple[Place, float, float]] = []
    for number, (to, takes, spaced) in enumerate(sends):
        while (at := pace.free_at(to, now, spaced=spaced)) > now:
            now = min(at, flying[0][0]) if flying else at
            while flying and flying[0][0] <= now:
                ended, _, whom = heapq.heappop(flying)
                pace.end(whom, ended)
        pace.start(to, now)
        heapq.heappush(flying, (now + takes, number, to))
        done.append((to, now, now + takes))
    return done


@given(st.lists(st.tuples(st.integers(1, 40).map(chat), st.floats(0.001, 0.5), st.booleans()), max_size=150), st.data())
def test_wherever_the_platform_counts_a_send_no_window_holds_too_many(
    sends: list[tuple[Place, float, bool]], data: st.DataObject
) -> None:
    done = send_all(Pace(TELEGRAM), sends)
    share = data.draw(st.floats(0, 1))
    counted = [(to, started + (ended - started) * share) for to, started, ended in done]
    assert most_in_any(0.9999, [at for _, at in counted]) <= 30
    for whom in {to for to, _ in counted}:
        assert most_in_any(2.9999, [at for to, at in counted if to == whom]) <= 3


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(0.001, 0.1), st.integers(0, 9)), max_size=200), st.floats(0, 1)
)
def test_while_people_talk_no_window_holds_too_many_either_and_nudges_leave_places_free(
    sends: list[tuple[int, float, int]], share: float
) -> None:
    """One in ten is a reply."""
    pace, now, done = Pace(TELEGRAM), 100.0, list[tuple[float, float, bool]]()
    flying: list[tuple[float, int, Place]] = []
    for number, (who, takes, kind) in enumerate(sends):
        is_reply, to = kind == 0, chat(who * 1000 + number)
        if is_reply:
            pace.talk(now)
        while (at := pace.free_at(to, now, spaced=not is_reply)) > now:
            now = min(at, flying[0][0]) if flying else at
            while flying and flying[0][0] <= now:
                ended, _, whom = heapq.heappop(flying)
                pace.end(whom, ended)
        spare = 0 if is_reply else pace.spare(now)
        pace.start(to, now)
        heapq.heappush(flying, (now + takes, number, to))
        done.append((now, now + takes, is_reply))
        assert sum(started > now - 0.9999 for started, _, _ in done) <= 30 - spare
    counted = [started + (ended - started) * share for started, ended, _ in done]
    assert most_in_any(0.9999, counted) <= 30


def _broadcast(pace: Pace, seconds: float, *, talking: bool, now: float = 100.0) -> list[float]:
    """When each of its sends starts, whose timers are late by a millisecond and whose sends take four."""
    starts = list[float]()
    number, ends, stop = 0, list[tuple[float, Place]](), now + seconds
    while now < stop:
        number, to = number + 1, chat(number)
        if talking:
            pace.talk(now)
        while (at := pace.free_at(to, now, spaced=True)) > now:
            now = at + 0.001
            while ends and ends[0][0] <= now:
                ended, whom = ends.pop(0)
                pace.end(whom, ended)
        pace.start(to, now)
        ends.append((now + 0.004, to))
        starts.append(now)
    return starts


def test_a_broadcast_keeps_to_the_limit_though_timers_are_late() -> None:
    starts = _broadcast(Pace(TELEGRAM), 60, talking=False)
    assert len(starts) / 60 >= 0.985 * 30


def test_while_people_talk_a_broadcast_goes_on_at_the_rate_that_is_left() -> None:
    starts = _broadcast(Pace(TELEGRAM), 60, talking=True)
    assert len(starts) / 60 >= 0.985 * (30 - 30 // RESERVED)


def test_whoever_talks_finds_room_at_once_however_much_of_a_broadcast_is_out() -> None:
    pace = Pace(TELEGRAM)
    now = _broadcast(pace, 10, talking=True)[-1]
    for number in range(30 // RESERVED):
        to = chat(10_000 + number)
        assert pace.free_at(to, now) == now
        pace.start(to, now)


def test_when_nobody_has_talked_for_a_while_nothing_is_kept_free() -> None:
    pace = Pace(TELEGRAM)
    assert pace.spare(100.0) == 0
    pace.talk(100.0)
    assert pace.spare(100.0) == pace.spare(100.0 + TALKING) == 30 // RESERVED
    assert pace.spare(100.1 + TALKING) == 0
    assert Pace(Limits()).spare(100.0) == 0


def test_a_lane_without_a_limit_sends_at_once() -> None:
    pace = Pace(Limits())
    pace.talk(1.0)
    assert pace.free_at(PERSON, 1.0, spaced=True) == 1.0
    assert pace.room(1.0, 0.2, spaced=True) == pace.most(0.2) > 100


def test_chats_are_forgotten_once_nothing_of_theirs_counts_any_more() -> None:
    pace = Pace(TELEGRAM)
    for number in range(5_000):
        pace.start(chat(number), number / 30)
        pace.end(chat(number), number / 30)
    assert len(pace._chats) < 200
    pace.hold(1000.0)
    pace.release(400.0)
    assert pace.free_at(PERSON, 300.0) == 400.0


def test_a_broadcast_keeps_close_to_the_limit() -> None:
    done = send_all(Pace(TELEGRAM), [(chat(number), 0.004, True) for number in range(3000)])
    assert 2999 / (done[-1][1] - done[0][1]) >= 0.98 * 30


def test_a_reply_finds_a_gap_soon_while_a_broadcast_goes_out() -> None:
    pace = Pace(TELEGRAM)
    done = send_all(pace, [(chat(number), 0.004, True) for number in range(90)])
    last = done[-1][2]
    pace.end(done[-1][0], last)
    assert pace.free_at(PERSON, last) - last < 0.05


def test_a_group_gets_twenty_a_minute() -> None:
    started = [at for _, at, _ in send_all(Pace(TELEGRAM), [(GROUP, 0.01, False)] * 41)]
    assert started[19] - started[0] < 1
    assert started[20] - started[0] >= 60
    assert started[40] - started[0] >= 120


def test_a_held_chat_waits_and_others_do_not() -> None:
    pace = Pace(Limits(person=Limit(1, 1.0)))
    pace.hold(50.0, PERSON.chat)
    assert pace.free_at(PERSON, 10.0) == 50.0
    assert pace.free_at(chat(8), 10.0) == 10.0
    assert pace.room(10.0, 0.2) > 0


def test_a_held_lane_has_no_room_until_it_is_over() -> None:
    pace = Pace(TELEGRAM)
    pace.hold(20.0)
    assert pace.room(10.0, 0.2) == 0
    assert pace.free_at(PERSON, 10.0) == 20.0
    assert pace.room(20.0, 0.2) > 0


def test_room_is_what_the_window_leaves_and_what_is_in_flight_takes_some() -> None:
    pace = Pace(Limits(Limit(5, 1.0)))
    for number in range(3):
        pace.start(chat(number), 0.0)
    assert pace.room(5.0, 0.2) == 2
    for number in range(3):
        pace.end(chat(number), 5.0)
    assert pace.room(5.5, 0.2) == 2
    assert pace.room(6.0, 0.2) == 5


def test_only_so_many_chats_are_remembered() -> None:
    pace = Pace(Limits(person=Limit(1, 1.0)))
    for number in range(CHATS_REMEMBERED + 5):
        pace.start(chat(number), 0.0)
        pace.end(chat(number), 0.0)
    assert pace.free_at(chat(0), 0.0) == 0.0
    assert pace.free_at(chat(CHATS_REMEMBERED + 4), 0.0) == 1.0
