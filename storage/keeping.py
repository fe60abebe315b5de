"""Everything that is kept about one member, read for them to take along."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import DeliveryState, Priority
from core.ideas import Capture
from core.kept import ChatLine, Kept, KeptAddress, KeptAnswer, KeptDeliveries, TakingPart
from core.members import Address, Member
from storage import bodies, captures, ideas, people
from storage.desk import deeds, drafts, groups, handovers, hooks, imports, rolls, sittings, tokens
from storage.farewells import WEB
from storage.outgoing import delivery, line
from storage.shapes import read_message, read_value
from storage.tables import address, answer, capture, inbound, link_offer, participation, support


async def kept(connection: AsyncConnection, who: Member) -> Kept:
    one = who.id
    addresses = await _addresses(connection, one)
    where = [kept.address for kept in addresses]
    return Kept(
        member=who,
        addresses=addresses,
        topics=tuple(sorted(await people.followed(connection, one))),
        offices=await bodies.offices_of(connection, one),
        taking_part=await _taking_part(connection, one),
        answers=await _answers(connection, one),
        ideas=(await ideas.ideas_of(connection, one))[::-1],
        supported=await _supported(connection, one),
        captures=await _captures(connection, where),
        deliveries=await _deliveries(connection, one, where),
        link_code_until=await connection.scalar(
            select(link_offer.c.expires_at).where(link_offer.c.member_id == one)
        ),
        lines=await _lines(connection, where),
        talks=await handovers.kept(connection, one),
        tokens=await tokens.kept(connection, one),
        hooks=await hooks.kept(connection, one),
        tried_at=await rolls.kept(connection, one),
        desk_link_until=await sittings.link_good_until(connection, one),
        sittings=await sittings.kept(connection, one),
        done=await deeds.done_by(connection, one),
        done_about=await deeds.done_about(connection, one),
        drafts=await drafts.kept(connection, one),
        groups=await groups.kept(connection, one),
        imports=await imports.kept(connection, one),
        inbound=await _keys(connection, where),
    )  # fmt: skip


async def _addresses(connection: AsyncConnection, one: int) -> tuple[KeptAddress, ...]:
    rows = await connection.execute(select(address).where(address.c.member_id == one).order_by(address.c.id))
    return tuple(
        KeptAddress(Address(row.account, row.user_id), row.seen_at, row.gone_at, row.gone_why, row.session)
        for row in rows
    )


async def _taking_part(connection: AsyncConnection, one: int) -> tuple[TakingPart, ...]:
    theirs = select(participation).where(participation.c.member_id == one).order_by(participation.c.consultation)
    return tuple(
        TakingPart(row.consultation, row.begun_at, row.finished_at) for row in await connection.execute(theirs)
    )


async def _answers(connection: AsyncConnection, one: int) -> tuple[KeptAnswer, ...]:
    """Earlier ones too, each consultation's in the order in which they were given."""
    theirs = select(answer).where(answer.c.member_id == one).order_by(answer.c.consultation, answer.c.at, answer.c.id)
    return tuple(
        KeptAnswer(row.consultation, row.prompt, read_value(row.value), row.at, row.latest)
        for row in await connection.execute(theirs)
    )


async def _supported(connection: AsyncConnection, one: int) -> tuple[tuple[str, datetime], ...]:
    rows = await connection.execute(select(support.c.idea, support.c.at).where(support.c.member_id == one))
    return tuple(sorted((row.idea, row.at) for row in rows))


async def _captures(connection: AsyncConnection, where: Sequence[Address]) -> tuple[Capture, ...]:
    theirs = people.is_at(capture.c.author_account, capture.c.author_user, where)
    ids = (await connection.scalars(select(capture.c.id).where(theirs).order_by(capture.c.said_at))).all()
    found = [await captures.find_capture(connection, id) for id in ids]
    return tuple(one for one in found if one is not None)


async def _deliveries(
    connection: AsyncConnection, one: int, where: Sequence[Address]
) -> tuple[KeptDeliveries, ...]:  # fmt: skip
    here = people.is_at(delivery.c.account, delivery.c.chat, where)
    theirs = or_(delivery.c.member_id == one, here & delivery.c.broadcast_id.is_(None) & delivery.c.private)
    counted = select(delivery.c.priority, delivery.c.state, func.count(), func.max(delivery.c.at)).where(theirs)
    rows = await connection.execute(counted.group_by(delivery.c.priority, delivery.c.state))
    return tuple(
        KeptDeliveries(Priority(priority), DeliveryState(state), count, last_at)
        for priority, state, count, last_at in sorted(rows, key=lambda row: (row[0], row[1]))
    )


async def _lines(connection: AsyncConnection, where: Sequence[Address]) -> tuple[ChatLine, ...]:
    """A file that stands there isn't told of again: it would hold the one before, and so on."""
    users = [one.user for one in where if one.account == WEB]
    theirs = select(line).where(line.c.user_id.in_(users)).order_by(line.c.id)
    said = ((row, read_message(row.message)) for row in await connection.execute(theirs))
    return tuple(
        ChatLine(row.ours, row.at, "\n\n".join(filter(None, (message.title, message.text)))) for row, message in said
    )


async def _keys(connection: AsyncConnection, where: Sequence[Address]) -> int:
    theirs = [inbound.c.key.startswith(f"{one.account}:{one.user}:", autoescape=True) for one in where]
    return await connection.scalar(select(func.count()).select_from(inbound).where(or_(*theirs))) or 0
