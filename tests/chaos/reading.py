"""What the database holds at the end of a run, read with the product's own tables."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bots.slack.writing import fallback
from bots.telegram.writing import write
from core.consultations import Consultation, NudgeKind
from core.nudges import nudge
from core.outbound import render
from core.places import Place
from core.ports import Clock
from core.stories import REWORDS
from core.texts import Texts, load_texts
from storage.database import Database
from storage.ledger import SqlLedger
from storage.outgoing import broadcast, delivery
from storage.store import SqlStore
from storage.tables import address, answer, idea, inbound, leaf, member, story
from tests.chaos.record import Answer, Broadcast, Idea, Person, Record, Row
from tests.fakes.telegram_payloads import BOT_NAME


async def read(database: Database, clock: Clock, usual_zone: str) -> Record:
    store = SqlStore(database, usual_zone)
    consultations = {one.slug: one for one in await store.consultations()}
    audit = await SqlLedger(database).audit()
    async with database.reading() as connection:

        async def every(statement: Any) -> list[Any]:
            return list((await connection.execute(statement)).all())

        keys = await every(select(inbound.c.key))
        broadcasts = {row.id: row for row in await every(select(broadcast).order_by(broadcast.c.id))}
        people = await every(select(member, address).join(address, address.c.member_id == member.c.id))
        deliveries = await every(select(delivery).order_by(delivery.c.id))
        given = await every(select(answer).order_by(answer.c.id))
        ideas = await every(select(idea, story).join(story, story.c.idea == idea.c.code).order_by(story.c.id))
        unsealed = await every(select(leaf.c.entry).where(leaf.c.position.is_(None)))
    users = {row.member_id: row.user_id for row in people}
    languages = {row.member_id: (row.language, row.timezone) for row in people}
    words = _Words(consultations, broadcasts, languages)
    texts: dict[tuple[str, str], list[str]] = {}
    for row in ideas:
        if row.text is not None and row.kind in REWORDS:
            texts.setdefault((row.code, users.get(row.member_id, "")), []).append(row.text)
    return Record(
        now=clock.now(),
        keys=frozenset(row.key for row in keys),
        rows=tuple(_row(row, words) for row in deliveries),
        broadcasts=tuple(
            Broadcast(row.id, row.consultation, row.kind, bool(row.is_planned), row.at) for row in broadcasts.values()
        ),
        people=tuple(_person(row) for row in people),
        answers=tuple(
            Answer(users[row.member_id], f"{row.consultation}/{row.prompt}", _plain(row.value), row.latest)
            for row in given
            if row.prompt != "else"
        ),
        ideas=tuple(Idea(code, user, tuple(said)) for (code, user), said in texts.items()),
        findings=tuple(finding.sentence for finding in audit.findings),
        unsealed=len(unsealed),
    )


def _plain(value: str | None) -> str:
    return "" if value is None else str(json.loads(value))


def _person(row: Any) -> Person:
    return Person(
        row.member_id, row.account, row.user_id, row.timezone or "", row.consented_at is not None,
        row.stopped_at is not None, row.gone_at is not None,
    )  # fmt: skip


def _row(row: Any, words: "_Words") -> Row:
    return Row(
        row.id, row.account, row.chat, row.priority, row.state, row.attempts, row.message or "", row.why or "",
        row.broadcast_id, row.member_id, row.not_before, words.of(row) if row.broadcast_id is not None else "",
    )  # fmt: skip


class _Words:
    """What a nudge reads like to whoever gets it."""

    def __init__(
        self,
        consultations: Mapping[str, Consultation],
        broadcasts: Mapping[int, Any],
        languages: Mapping[int, tuple[str, str | None]],
    ) -> None:
        self._consultations, self._broadcasts, self._languages = consultations, broadcasts, languages
        self._texts: Texts = load_texts()

    def of(self, row: Any) -> str:
        ordered = self._broadcasts[row.broadcast_id]
        consultation = self._consultations[ordered.consultation]
        language, zone = self._languages.get(row.member_id, ("en", None))
        said = nudge(NudgeKind(ordered.kind), consultation)
        message = render(said, self._texts, self._texts.language_for(language), zone or consultation.timezone)
        if row.account.startswith("slack"):
            return fallback(message)
        steps = write(Place(row.account, row.chat), message, BOT_NAME).steps
        return str(steps[0].call.parameters["text"])
