"""A town in which very many have said what they think: one in which much has happened, over and over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from core.consultations import ResultsWhen
from core.events import ConsentGiven, ConsultationLoaded, Event, OrganiserCodeMade, OrganiserMade
from core.inbound import Inbound, Said
from core.members import Address
from core.places import Place
from core.receipts import receipt_code
from core.sessions import Session
from folkmoot.assembly import Assembly, assemble
from folkmoot.settings import Settings
from storage.database import Database
from storage.outgoing import delivery
from storage.tables import address, answer, declared, idea, leaf, member, metadata, participation, story
from tests.desk.full import SLUG, fill

SEED = 400
FIRST = 1_000
FURTHER = 1_000
"""By how much the numbers of one copy are above those of the one before."""
COPIED = (
    "member", "address", "declared", "participation", "answer", "delivery", "idea", "idea_word", "referral", "story",
    "leaf",
)  # fmt: skip
CHIEF = Address("telegram:1", "1")
"""Organises the whole organisation."""


@dataclass(frozen=True, slots=True)
class Town:
    """`secret`: of the sitting at the desk. `code`, `member`: an idea, and somebody, from amid the many."""

    secret: str
    code: str
    member: int
    members: int
    answers: int
    ideas: int


async def build(url: str, secret_key: str, answers: int) -> Town:
    """In an empty database, migrated."""
    async with assemble(Settings(database_url=url, secret_key=secret_key)) as assembly:
        await _begin(assembly)
        await fill(assembly, url, SEED)
        found = await assembly.store.consultation(SLUG)
        if found:  # in public from the first day, as that takes longest
            shown = replace(found, results=ResultsWhen.LIVE, lists_ideas=True)
            await assembly.store.record([ConsultationLoaded(shown, assembly.clock.now())])
        async with Database(url) as database, database.writing() as connection:
            few = await connection.scalar(select(func.count()).select_from(answer)) or 1
            rows = {
                table: [dict(row) for row in (await connection.execute(select(table))).mappings()]
                for table in metadata.sorted_tables
                if table.name in COPIED
            }
            for copy in range(1, -(-answers // few)):
                for table, seed in rows.items():
                    await connection.execute(insert(table), list(_copied(table, seed, copy, rows)))
            counted = [await connection.scalar(select(func.count()).select_from(one)) for one in (member, answer, idea)]
            amid = select(idea.c.code, idea.c.member_id).order_by(idea.c.id).offset((counted[2] or 0) // 2).limit(1)
            code, author = (await connection.execute(amid)).one()
        begun = await assembly.desk.sittings.begin(CHIEF, assembly.clock.now(), "bench")
    if begun is None:
        raise RuntimeError("nobody is an organiser")
    return Town(begun.secret, code, author, *(many or 0 for many in counted))


async def _begin(assembly: Assembly) -> None:
    now, place = datetime.now(UTC), Place.private_to(CHIEF)
    await assembly.store.record([OrganiserCodeMade("FIRST000", "", now + timedelta(days=1))])
    events: tuple[Event, ...] = (ConsentGiven(now), OrganiserMade("FIRST000", now))
    async with assembly.store.work(Inbound("bench", CHIEF, place, now, Said("hello", "1"), "Chief")) as work:
        await work.seen(now)
        await work.member()
        await work.record(Session(), events, ())


def _copied(
    table: Table, seed: list[dict[str, Any]], copy: int, rows: Mapping[Table, list[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """The same once more, of other people: whatever names one of them or an idea of theirs names the copy."""
    further, codes = copy * FURTHER, _codes(copy, rows)
    for row in seed:
        if table in (member, address, declared, participation, answer) and _of(row, table) < FIRST:
            continue  # who sits at the desk is there once
        made: dict[str, Any] = {
            name: codes.get(value, value) if isinstance(value, str) else value for name, value in row.items()
        }
        if table is member:
            made["id"] += further
            made["reach_user"] = str(made["id"])
        elif table is story:
            made["id"] += copy * len(rows[story])
        elif table is leaf:
            made |= {"entry": made["entry"] + copy * len(rows[story]), "number": None, "position": None}
        else:
            made.pop("id", None)
        for name in ("user_id", "chat"):
            if made.get(name):
                made[name] = str(int(made[name]) + further)
        if made.get("member_id"):
            made["member_id"] += further
        if table is declared:
            made["position"] += further
        if table is delivery:
            made["key"] = f"{made['key']}:{copy}"
        yield made


def _of(row: Mapping[str, Any], table: Table) -> int:
    match table:
        case _ if table is member:
            return int(row["id"])
        case _ if table is declared:
            return int(row["user_id"])
        case _:
            return int(row["member_id"])


def _codes(copy: int, rows: Mapping[Table, list[dict[str, Any]]]) -> Mapping[str, str]:
    return {
        row["code"]: receipt_code(f"{copy * FURTHER + number + 1_000_000:07d}") for number, row in enumerate(rows[idea])
    }
