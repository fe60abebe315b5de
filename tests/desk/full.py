"""A town in which much has happened: members of three branches, a consultation that runs, ideas on their way. For
pictures, and for measuring pages where there is something on them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import insert

from core.bodies import Office
from core.consultations import Audience, Consultation, NudgeKind
from core.deliveries import DeliveryState, Priority
from core.events import AnswerGiven, BodiesLoaded, ConsultationLoaded, ConsultationOpened, IdeaCaptured, StoryContinued
from core.flows.bodies import Declared
from core.flows.documents import Checked, read_document
from core.ideas import Idea
from core.inbound import Inbound, Said
from core.members import Address, Role
from core.places import Place, Source
from core.receipts import receipt_code
from core.stories import Entry, EntryKind
from folkmoot.assembly import Assembly
from storage.database import Database
from storage.database import insert as once
from storage.outgoing import broadcast, delivery, lane
from storage.shapes import write_audience, write_value
from storage.tables import address, answer, declared, member, participation

EXAMPLES = Path(__file__).parents[2] / "examples"
SLUG = "good-city"
FIRST, LAST = (
    "Ada Bryn Carys Dai Elin Femi Gwen Huw Ifan Jaya Kofi Lowri Mair Nia Owain Priya Rhys Siân Tomos Yusuf".split(),
    "Adeyemi Bevan Chowdhury Davies Evans Griffiths Hughes Khan Lewis Morgan Nowak Owen Parry Rees Singh".split(),
)
WORDS = (
    "Benches at every tram stop, with a back to lean on.",
    "A night bus to the hospital: the last one leaves at ten, and the shift ends at eleven.",
    "Let the school gardens be open at weekends.",
    "Trees along the ring road, to keep the noise and the heat off.",
    "One card for buses, trams and the train.",
    "Turn the old depot into a swimming bath.",
    "Repair cafés in every library, once a month.",
    "Tell us why a bus doesn’t come, at the stop and at the time.",
    "Cheap rooms for apprentices in the empty offices by the station.",
    "Public toilets that are open, clean, and where the map says that they are.",
    "A safe way to cycle to the sixth-form college.",
    "Somewhere dry for young people to be in the evening that costs nothing.",
    "Count the speeding in our street, and then do something about it.",
    "Let allotments be shared: two years is a long list, and many are overgrown.",
)
PLACES = "the Old Harbour; Hillside; Riverside; the station quarter; Mill Lane; the new estate; Castle Street".split(
    "; "
)


def read(name: str) -> Consultation | Declared:
    checked = read_document((EXAMPLES / name).read_text(encoding="utf-8"))
    assert isinstance(checked, Checked), checked
    return checked.value


async def fill(assembly: Assembly, url: str, members: int = 400) -> None:
    """Into a database in which nothing but people in office is: the example consultation, open for nine days. Whoever
    has finished has put an idea forward."""
    now, dice = assembly.clock.now(), Random(7)
    consultation, bodies = read("good-city.yaml"), read("bodies.yaml")
    assert isinstance(consultation, Consultation)
    assert isinstance(bodies, Declared)
    await assembly.store.record([BodiesLoaded(*bodies)])
    opened = now - timedelta(days=9)
    await assembly.store.record([ConsultationLoaded(consultation, opened), ConsultationOpened(SLUG, opened)])
    slugs = [body.slug for body in bodies.bodies]
    async with Database(url) as database, database.writing() as connection:
        first = 1_000
        people = [_member(first + i, dice, now) for i in range(members)]
        for table, rows in (
            (member, people),
            (address, [_address(row, now) for row in people]),
            (declared, [_declared(row, slugs, dice) for row in people]),
        ):
            await connection.execute(insert(table), rows)
        took_part = [row for row in people if dice.random() < 0.55]
        parts = [_part(row, opened, now, dice) for row in took_part]
        await connection.execute(insert(participation), parts)
        given = [one for part in parts for one in _answers(part, dice)]
        await connection.execute(insert(answer), given)
        which = (await connection.execute(insert(broadcast).values(_invitation(opened, members)))).inserted_primary_key
        assert which is not None
        held = {"owner": "a worker", "until": now + timedelta(days=1)}
        for account in ("telegram:1", "slack:T1"):
            made = once(connection, lane).values(account=account, **held)
            await connection.execute(made.on_conflict_do_update(index_elements=["account"], set_=held))
        await connection.execute(insert(delivery), [_sent(row, which[0], opened, dice) for row in people])
    for number, part in enumerate(part for part in parts if part["finished_at"]):
        await _say(assembly, number, part, dice)


def _member(number: int, dice: Random, now: datetime) -> dict[str, object]:
    stopped = now - timedelta(days=2) if dice.random() < 0.03 else None
    return {
        "id": number, "name": f"{dice.choice(FIRST)} {dice.choice(LAST)}",
        "language": "cy" if dice.random() < 0.2 else "en",
        "language_chosen": False, "timezone": "Europe/London", "timezone_chosen": False,
        "consented_at": now - timedelta(days=40), "stopped_at": stopped, "organiser": False,
        "reach_account": _account(number), "reach_user": str(number),
    }  # fmt: skip


def _account(number: int) -> str:
    return "slack:T1" if number % 5 == 0 else "telegram:1"


def _address(row: dict[str, object], now: datetime) -> dict[str, object]:
    where = {"account": row["reach_account"], "user_id": row["reach_user"], "member_id": row["id"]}
    return {**where, "session": "", "seen_at": now - timedelta(days=1)}


def _declared(row: dict[str, object], slugs: list[str], dice: Random) -> dict[str, object]:
    body, role = office(dice.choice(slugs))
    where = {"account": row["reach_account"], "user_id": row["reach_user"]}
    return {"body": body, "role": role.value, "position": row["id"], **where}


def office(body: str) -> Office:
    return body, Role.MEMBER


def _part(row: dict[str, object], opened: datetime, now: datetime, dice: Random) -> dict[str, object]:
    begun = opened + (now - opened) * (dice.random() ** 1.7)
    finished = begun + timedelta(minutes=3) if dice.random() < 0.85 else None
    return {"member_id": row["id"], "consultation": SLUG, "begun_at": begun, "finished_at": finished}


def _answers(part: dict[str, object], dice: Random) -> Iterator[dict[str, object]]:
    travel = dice.choices(("walk", "bike", "bus", "car"), (3, 2, 4, 5))[0]
    needs = tuple(sorted(dice.sample(("homes", "buses", "green", "play", "care", "safe"), dice.randint(1, 3))))
    said = {
        "happy": dice.choices((1, 2, 3, 4, 5), (1, 3, 6, 5, 2))[0],
        "travel": travel,
        "why_car": "A bus after nine in the evening." if travel == "car" else None,
        "missing": needs,
        "slow": dice.choices(("agree", "disagree", "pass"), (6, 3, 2))[0],
        "one_thing": None,
        "join_in": dice.choice(("yes", "no")),
    }
    last = len(said) if part["finished_at"] else dice.randint(1, 4)
    begun = part["begun_at"]
    assert isinstance(begun, datetime)
    for place, (prompt, value) in enumerate(list(said.items())[:last]):
        if value is None:  # never asked, or given with the idea
            continue
        yield {
            "member_id": part["member_id"], "consultation": SLUG, "prompt": prompt, "value": write_value(value),
            "at": begun + timedelta(seconds=20 * place), "latest": True,
        }  # fmt: skip


def _invitation(at: datetime, members: int) -> dict[str, object]:
    return {
        "code": f"{SLUG}/invitation", "consultation": SLUG, "step": "invitation", "kind": NudgeKind.INVITATION.value,
        "audience": write_audience(Audience()), "at": at, "confirmed": True, "is_planned": True, "planned": members,
        "planned_to": 0,
    }  # fmt: skip


def _sent(row: dict[str, object], which: int, at: datetime, dice: Random) -> dict[str, object]:
    states = (DeliveryState.SENT, DeliveryState.PLANNED, DeliveryState.SUPPRESSED, DeliveryState.FAILED)
    state = dice.choices(states, (90, 4, 4, 2))[0]
    why = {DeliveryState.SUPPRESSED: "weekly budget", DeliveryState.FAILED: "blocked the bot"}.get(state)
    return {
        "account": row["reach_account"], "chat": row["reach_user"], "private": True, "priority": Priority.NUDGE.value,
        "broadcast_id": which, "member_id": row["id"], "key": f"nudge:{SLUG}:invitation:{row['id']}",
        "state": state.value, "attempts": 1, "not_before": at, "at": at + timedelta(minutes=1), "why": why,
    }  # fmt: skip


async def _say(assembly: Assembly, number: int, part: dict[str, object], dice: Random) -> None:
    author, finished, now = part["member_id"], part["finished_at"], assembly.clock.now()
    assert isinstance(author, int)
    assert isinstance(finished, datetime)
    at, code = finished - timedelta(seconds=40), receipt_code(f"{number + 1_000_000:07d}")
    words = WORDS[number % len(WORDS)]
    if number >= len(WORDS):
        words = f"In {dice.choice(PLACES)}: {words[0].lower()}{words[1:]}"
    said = (Entry(EntryKind.SAID, at, words), Entry(EntryKind.CONFIRMED, at), Entry(EntryKind.ACKNOWLEDGED, at))
    idea = Idea(code, author, Source("telegram:1", str(author), str(number)), said, SLUG, "one_thing")
    who = Address(_account(author), str(author))
    inbound = Inbound(f"full-{number}", who, Place.private_to(who), at, Said("idea", str(number)))
    async with assembly.store.work(inbound) as work:
        await work.seen(at)
        given = AnswerGiven(SLUG, "one_thing", code, at)
        sent = Entry(EntryKind.SENT, at, next="planning", days=60)
        events = (IdeaCaptured(idea), given, StoryContinued(code, sent, len(said)))
        await work.record(await work.session(), events, ())

    def by_planning(kind: EntryKind, hours: int, **told: object) -> Entry:
        entry = Entry(kind, now - timedelta(hours=hours), body="planning", by=Role.SECRETARY)
        return replace(entry, **told)  # type: ignore[arg-type]  # fields of an entry, each of its type

    answered = {
        0: by_planning(EntryKind.ACCEPTED, 5, next="conference", days=60),
        3: by_planning(EntryKind.DECLINED, 3, reason="The road is the county’s."),
        5: by_planning(EntryKind.CONSIDERED, 2, on=now.date()),
    }.get(number)
    if answered:
        await assembly.store.record([StoryContinued(code, answered, len(said) + 1)])
