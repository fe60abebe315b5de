"""How a consultation stands: who was asked and took part, and what became of all that went out for it."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, ScalarSelect, Table, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import DeliveryState
from core.health import LaneHealth
from core.status import Status
from storage.consultations import find_consultation
from storage.health import read_lane
from storage.outgoing import BROADCAST, CLAIMED, PLANNED, REASONED, broadcast, delivery, lane, thinned
from storage.tables import discussion, idea, participation
from storage.thinning import ASKED

_UNDER_WAY = (DeliveryState.SENT.value, DeliveryState.CLAIMED.value)


async def status_of(connection: AsyncConnection, slug: str) -> Status | None:
    found = await find_consultation(connection, slug)
    if found is None:
        return None
    chosen = select(broadcast.c.id, broadcast.c.kind, broadcast.c.confirmed, broadcast.c.is_planned)
    chosen = chosen.add_columns(broadcast.c.asked_once, broadcast.c.held_at).where(broadcast.c.consultation == slug)
    ordered = (await connection.execute(chosen)).all()
    every = [row.id for row in ordered]
    invitations = [row.id for row in ordered if row.kind == NudgeKind.INVITATION.value]
    counts = await _counts(connection, every)
    states, why = await _settled(connection, every)
    for (_, state), number in counts.items():
        states[state] += number
    took_part = select(
        func.count(participation.c.begun_at), func.count(participation.c.finished_at), _of(idea, slug),
        _of(discussion, slug),
    ).where(participation.c.consultation == slug)  # fmt: skip
    begun, finished, ideas, discussed = (await connection.execute(took_part)).one()
    return Status(
        consultation=found,
        asked=await _asked(connection, invitations, counts) + sum(row.asked_once or 0 for row in ordered),
        begun=begun,
        finished=finished,
        ideas=ideas,
        discussed=discussed,
        deliveries={state: states[state.value] for state in sorted(DeliveryState) if states[state.value]},
        why=dict(sorted(why.items())),
        planning=sum(row.confirmed and not row.is_planned and row.held_at is None for row in ordered),
        held=sum(row.held_at is not None and (not row.is_planned or _waits(row.id, counts)) for row in ordered),
        lanes=await lanes_of(connection, every),
    )


def _waits(number: int, counts: "_Counts") -> bool:
    return bool(counts.get((number, DeliveryState.PLANNED.value)))


def _of(table: Table, slug: str) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(table.c.consultation == slug).scalar_subquery()


# --- what became of its deliveries
_Counts = dict[tuple[int, str], int]
"""By broadcast and state."""


def _within(broadcasts: Collection[int]) -> ColumnElement[bool]:
    return delivery.c.broadcast_id.in_(broadcasts)


async def _counts(connection: AsyncConnection, broadcasts: Collection[int]) -> _Counts:
    """Those that there are rows of."""
    by = (delivery.c.broadcast_id, delivery.c.state)
    if not broadcasts:
        return {}
    rows = await connection.execute(select(*by, func.count()).where(_within(broadcasts)).group_by(*by))
    return {(number, state): count for number, state, count in rows}


async def _settled(connection: AsyncConnection, broadcasts: Collection[int]) -> tuple[Counter[str], Counter[str]]:
    """By state those that were thinned out, and by reason these and all others that weren't sent."""
    states: Counter[str] = Counter()
    why: Counter[str] = Counter()
    if not broadcasts:
        return states, why
    gone = select(thinned.c.state, thinned.c.why, thinned.c.count.label("many"))
    for row in await connection.execute(gone.where(thinned.c.broadcast_id.in_(broadcasts))):
        states[row.state] += row.many
        if row.why:
            why[row.why] += row.many
    unsent = delivery.c.state.not_in(_UNDER_WAY)
    reasons = select(delivery.c.why, func.count()).where(_within(broadcasts), text(REASONED), unsent)
    for reason, count in await connection.execute(reasons.group_by(delivery.c.why)):
        why[reason] += count
    return states, why


async def _asked(connection: AsyncConnection, invitations: Collection[int], counts: _Counts) -> int:
    """Members whom a row tells of. Where they were invited once, they needn't be told apart: each has one delivery,
    and what belongs to nobody (cards, and what went to whoever was forgotten) is taken away."""
    invited = {key: count for key, count in counts.items() if key[0] in invitations and key[1] in ASKED}
    numbers = sorted({number for number, _ in invited})
    is_asked = delivery.c.state.in_(ASKED)
    if len(numbers) > 1:
        members = select(func.count(delivery.c.member_id.distinct())).where(_within(numbers), is_asked)
        return await connection.scalar(members) or 0
    if not numbers:
        return 0
    # Plus nothing: else either database would go through all of the broadcast, where a handful is nobody's.
    nobodys = delivery.c.member_id.is_(None) & ((delivery.c.broadcast_id + 0) == numbers[0])
    return sum(invited.values()) - (await connection.scalar(select(func.count()).where(nobodys, is_asked)) or 0)


# --- where it goes out
async def lanes_of(connection: AsyncConnection, broadcasts: Collection[int]) -> tuple[LaneHealth, ...]:
    """On which something of it waits."""
    if not broadcasts:
        return ()
    its_own = (delivery.c.account == lane.c.account) & _within(broadcasts)
    planned = exists(select(delivery.c.id).where(its_own, text(PLANNED), text(BROADCAST)))
    claimed = exists(select(delivery.c.id).where(its_own, text(CLAIMED)))
    rows = await connection.execute(select(lane).where(or_(planned, claimed)).order_by(lane.c.account))
    return tuple(read_lane(row, {}) for row in rows)
