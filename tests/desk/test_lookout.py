"""The lookout: one look for all who watch, and none sooner than looks cost."""

import asyncio
from dataclasses import dataclass, field

from web.desk.lookout import EVERY, MOST_KEPT, SPARINGLY, Lookout


@dataclass
class Sight:
    """What is looked at: each look takes so many seconds of a clock that nothing else moves."""

    takes: float = 0.0
    seconds: float = 0.0
    looks: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def now(self) -> float:
        return self.seconds

    async def look(self, name: str) -> int:
        self.looks.append(name)
        await self.gate.wait()
        self.seconds += self.takes
        return len(self.looks)


async def test_many_watchers_share_one_look() -> None:
    sight = Sight()
    lookout = Lookout(sight.look, sight.now)
    assert set(await asyncio.gather(*(lookout.at("city") for _ in range(50)))) == {1}
    assert sight.looks == ["city"]


async def test_each_thing_is_looked_at_by_itself() -> None:
    sight = Sight()
    lookout = Lookout(sight.look, sight.now)
    await asyncio.gather(lookout.at("city"), lookout.at("parks"))
    assert sorted(sight.looks) == ["city", "parks"]


async def test_it_looks_again_when_a_second_has_passed() -> None:
    sight = Sight()
    lookout = Lookout(sight.look, sight.now)
    await lookout.at("city")
    assert lookout.due_in("city") == EVERY
    sight.seconds += EVERY
    assert await lookout.at("city") == 2


async def test_what_a_look_costs_bounds_how_often_it_looks() -> None:
    sight = Sight(takes=0.5)
    lookout = Lookout(sight.look, sight.now)
    await lookout.at("city")
    assert lookout.due_in("city") == 0.5 * SPARINGLY
    sight.seconds += 0.5 * SPARINGLY - 0.1
    assert await lookout.at("city") == 1


async def test_after_a_change_the_next_look_is_a_fresh_one() -> None:
    sight = Sight()
    lookout = Lookout(sight.look, sight.now)
    await lookout.at("city")
    lookout.forget("city")
    assert await lookout.at("city") == 2


async def test_a_look_that_began_before_a_change_is_not_kept() -> None:
    sight = Sight()
    lookout = Lookout(sight.look, sight.now)
    sight.gate.clear()
    looking = asyncio.create_task(lookout.at("city"))
    await asyncio.sleep(0)
    lookout.forget("city")
    sight.gate.set()
    assert await looking == 1
    assert await lookout.at("city") == 2


async def test_who_leaves_in_the_middle_of_a_look_keeps_nobody_else_waiting() -> None:
    sight = Sight()
    lookout = Lookout(sight.look, sight.now)
    sight.gate.clear()
    leaves, stays = asyncio.create_task(lookout.at("city")), asyncio.create_task(lookout.at("city"))
    await asyncio.sleep(0)
    leaves.cancel()
    sight.gate.set()
    assert await stays == 2


async def test_what_nobody_watches_any_more_is_let_go() -> None:
    sight = Sight()
    lookout = Lookout(sight.look, sight.now)
    for number in range(MOST_KEPT + 1):
        await lookout.at(f"slug-{number}")
    assert lookout.due_in("slug-0") == 0.0
    assert lookout.due_in(f"slug-{MOST_KEPT}") > 0.0
