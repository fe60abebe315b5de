import heapq

from hypothesis import given
from hypothesis import strategies as st

from core.pace import CHATS_REMEMBERED, TELEGRAM, Limit, Limits, Pace
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
