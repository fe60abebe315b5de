"""Twenty lanes and two workers, one of which is killed: how long until each of its lanes sends again.

Twenty Slack workspaces are installed, each with members who are asked; two real `folkmoot worker` processes share
the lanes, over one PostgreSQL and the tests' Slack. Once every lane sends, the worker with the most lanes is killed.
A lane has come back with the first message that arrives on it after that. The other worker sends on to the end, and
then the account is settled: every delivery is in a final state, each marked as sent arrived, none arrived twice, and
what arrived without being marked is among the uncertain.

On SQLite there is one process that works, and so nobody who could take over.
"""

import asyncio
import json
import signal
from collections import Counter
from datetime import UTC, datetime
from statistics import median
from time import monotonic
from typing import Any

from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import func, select

from bench.crowds import Crowd, gather
from bench.databases import Ground, Kind
from bench.measuring import Result, Target, Wrong
from bench.planning import plan
from bench.processes import House, house
from bots.slack.installations import KIND
from folkmoot.lane import MOST_IN_FLIGHT
from storage.database import Database
from storage.outgoing import delivery, lane
from storage.vault import SqlVault
from tests.fakes.slack_server import FakeSlack

TARGET, NONE = Target(most=15.0), Target(most=0.0)
SECRET = "the same in each"  # noqa: S105  made up
SETTLED = ("sent", "failed", "expired", "suppressed", "uncertain")
MEMBERS = 4 * MOST_IN_FLIGHT
"""On each lane: enough that most still wait when one worker is killed."""

PATIENCE = 120.0
ON_ITS_WAY = 0.5
"""Seconds in which what the killed worker had sent may still reach a busy server."""


class DatedSlack(FakeSlack):
    """Remembers what arrived where, and when, by the machine’s steady clock. It takes long to answer, so that the
    broadcast isn’t over before anybody is killed."""

    answers_after = 0.25

    def __post_init__(self) -> None:
        super().__post_init__()
        self.arrived: list[tuple[str, str, float]] = []

    def _post(self, args: dict[str, Any], token: str) -> dict[str, Any]:
        answer = super()._post(args, token)
        if answer["ok"]:
            self.arrived.append((self.tokens[token], args["channel"], monotonic()))
        return answer

    async def _call(self, request: Any) -> Any:
        answer = await super()._call(request)
        await asyncio.sleep(self.answers_after)
        return answer


async def measure(ground: Ground, lanes: int = 20, members: int = MEMBERS, before: float = 0.5) -> list[Result]:
    """`members` on each lane; the worker is killed so many seconds after the first message."""
    if ground.kind is Kind.SQLITE:
        return []
    teams = [f"T{number:03}" for number in range(1, lanes + 1)]
    slack = DatedSlack({f"xoxb-{team}": team for team in teams})
    await slack.start()
    url = await ground.url()
    settings = {
        "DATABASE_URL": url, "SECRET_KEY": SECRET, "SLACK_API_URL": slack.api_url, "SLACK_CLIENT_ID": "client",
        "SLACK_CLIENT_SECRET": "secret", "SLACK_SIGNING_SECRET": "a-signing-secret",
    }  # fmt: skip
    try:
        async with Database(url) as database, house(ground.folder(), **settings) as built:
            for team in teams:
                await _install(database, team)
                await gather(database, Crowd(members, f"slack:{team}"))
            await plan(database)
            killed, theirs = await _kill_one(built, database, slack, lanes, before)
            back = await _back(slack, theirs, killed)
            await _until_settled(database, built)
            lost, doubled, uncertain = await _account(database, slack, lanes * members)
    finally:
        await slack.stop()
    where = ground.kind.written
    how = f"{len(theirs)} of {lanes} lanes, half of them within {median(back):.1f} s; on SQLite one process works"
    return [
        Result("until a killed worker’s lanes send again", max(back), "s", goal=TARGET, database=where, remark=how),
        Result("lost by that", lost, "", goal=NONE, database=where),
        Result("doubled by that", doubled, "", goal=NONE, database=where, remark=f"{uncertain} are uncertain"),
    ]  # fmt: skip


async def _install(database: Database, team: str) -> None:
    made = Installation(
        app_id="A1", team_id=team, team_name=team, bot_token=f"xoxb-{team}", bot_id=f"BBOT{team}",
        bot_user_id=f"UBOT{team}", bot_scopes=["chat:write"], user_id="UINSTALLER",
        installed_at=datetime.now(UTC).timestamp(),
    )  # fmt: skip
    await SqlVault(database, SECRET).keep(KIND, team, json.dumps(made.to_dict(), default=str))


async def _kill_one(
    built: House, database: Database, slack: DatedSlack, lanes: int, before: float
) -> tuple[float, frozenset[str]]:
    """When, and whose lanes the killed one had and had not sent all of."""
    workers = {str(process.pid): process for process in (built.start("worker"), built.start("worker"))}
    ends = monotonic() + PATIENCE
    while len({team for team, _, _ in slack.arrived}) < lanes:
        if monotonic() > ends:
            raise Wrong(f"not every lane sends:\n{built.log()}")
        await asyncio.sleep(0.05)
    await asyncio.sleep(before)
    held = await _held(database)
    busiest = max(held, key=lambda pid: len(held[pid]))
    workers[busiest].send_signal(signal.SIGKILL)
    killed = monotonic()
    workers[busiest].wait()
    async with database.reading() as connection:
        waiting = await connection.scalars(select(delivery.c.account).where(delivery.c.state == "planned").distinct())
        theirs = held[busiest] & {account.removeprefix("slack:") for account in waiting}
    if len(theirs) < len(held[busiest]) / 2:
        raise Wrong(f"of {len(held[busiest])} lanes only {len(theirs)} had anything left to send")
    return killed, theirs


async def _held(database: Database) -> dict[str, frozenset[str]]:
    """The workspaces whose lanes a process has, by its number, which is in the owner's name."""
    async with database.reading() as connection:
        rows = (await connection.execute(select(lane.c.owner, lane.c.account).where(lane.c.owner.is_not(None)))).all()
    held: dict[str, frozenset[str]] = {}
    for row in rows:
        if row.account.startswith("slack:"):
            number = row.owner.rpartition(":")[0].rpartition(":")[2]
            held[number] = held.get(number, frozenset()) | {row.account.removeprefix("slack:")}
    return held


async def _back(slack: DatedSlack, teams: frozenset[str], killed: float) -> list[float]:
    """Seconds until each of those lanes sent again; what had reached the server before the kill is not counted."""
    since = killed + ON_ITS_WAY
    while monotonic() < killed + PATIENCE:
        found: dict[str, float] = {}
        for team, _, at in slack.arrived:
            if team in teams and at > since:
                found.setdefault(team, at - killed)
        if len(found) == len(teams):
            return list(found.values())
        await asyncio.sleep(0.1)
    raise Wrong(f"of {len(teams)} lanes {len(found)} came back")


async def _until_settled(database: Database, built: House) -> None:
    ends = monotonic() + PATIENCE
    while monotonic() < ends:
        async with database.reading() as connection:
            left = await connection.scalar(select(func.count()).where(delivery.c.state.not_in(SETTLED)))
        if not left:
            return
        await asyncio.sleep(0.3)
    raise Wrong(f"{left} deliveries are not settled:\n{built.log()}")


async def _account(database: Database, slack: DatedSlack, planned: int) -> tuple[int, int, int]:
    """How many are lost, doubled, uncertain."""
    states = select(delivery.c.account, delivery.c.chat, delivery.c.state).where(delivery.c.broadcast_id.is_not(None))
    async with database.reading() as connection:
        rows = (await connection.execute(states)).all()
    if len(rows) != planned:
        raise Wrong(f"{planned} deliveries were planned, and there are {len(rows)}")
    arrived = Counter((f"slack:{team}", channel) for team, channel, _ in slack.arrived)
    lost = sum(row.state != "uncertain" and (row.account, row.chat) not in arrived for row in rows)
    doubled = sum(number > 1 for number in arrived.values())
    return lost, doubled, sum(row.state == "uncertain" for row in rows)
