"""What organisers do from the command line, in the words of the chat."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from core.consultations import Audience, Consultation, Phase
from core.deeds import By, Via
from core.events import (
    BodiesLoaded,
    ConsultationClosed,
    ConsultationLoaded,
    ConsultationOpened,
    Event,
    OrganiserCodeMade,
    OutcomePublished,
)
from core.flows.problems import Checked, show_problem
from core.status import Status
from core.texts import Localised, Words, load_texts
from core.turns.orders import audience_named, invitation, read_order
from core.turns.watching import health_lines, status_lines
from core.understanding import START_CONSULTATION
from folkmoot.assembly import Assembly
from folkmoot.clockwork import SecretMint

if TYPE_CHECKING:
    from core.flows.bodies import Declared

CODE_LASTS = timedelta(days=1)
WATCH_EVERY = 1.0
WATCH_SPARINGLY = 20
"""Looking takes no more than this part of the time: of a million deliveries it isn’t done in an instant."""

TEXT_FILES = (".txt", ".md")
BODIES = "bodies.yaml"


@dataclass(frozen=True, slots=True)
class Said:
    """Lines for the organiser, and whether it went well."""

    lines: tuple[str, ...]
    is_good: bool = True


@dataclass(frozen=True, slots=True)
class FileRead:
    lines: tuple[str, ...]
    document: "Checked[Consultation] | Checked[Declared] | None"

    @property
    def is_good(self) -> bool:
        return self.document is not None


def read_file(path: Path) -> FileRead:
    """Every mistake, or the document and what is doubtful in it."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return FileRead((f"{path}: line {line}: this isn’t text in UTF-8. Save the file as UTF-8.",), None)
    from core.flows.documents import read_document  # files are read by commands, never by what serves pages

    checked = read_document(text)
    problems = checked.warnings if isinstance(checked, Checked) else checked
    texts = load_texts()
    lines = tuple(f"{path}: {texts.say(show_problem(problem), 'en')}" for problem in problems)
    return FileRead(lines, checked if isinstance(checked, Checked) else None)


async def load(assembly: Assembly, path: Path) -> Said:
    from core.flows.bodies import Declared  # as in `read_file`

    read = read_file(path)
    if read.document is None:
        return Said((*read.lines, "Nothing was loaded."), is_good=False)
    now = assembly.clock.now()
    match read.document.value:
        case Consultation() as consultation:
            await assembly.store.record([ConsultationLoaded(consultation, now)], by=_by(assembly))
            stored = await assembly.store.consultation(consultation.slug) or consultation
            how = _how_it_goes_on(stored, stored.phase(now))
            return Said((*read.lines, f"Loaded “{consultation.slug}”. {how}"))
        case Declared() as declared:
            await assembly.store.record([BodiesLoaded(*declared)], by=_by(assembly))
            said = f"Loaded {len(declared.bodies)} bodies and {len(declared.topics)} topics."
            return Said((*read.lines, said))


def _how_it_goes_on(consultation: Consultation, phase: Phase) -> str:
    match phase:
        case Phase.DRAFT:
            return f"To open it: folkmoot open {consultation.slug}"
        case Phase.SCHEDULED:
            return f"It opens at {consultation.opens_at:%Y-%m-%d %H:%M %Z}."
        case Phase.OPEN:
            return "It is open."
        case Phase.CLOSED:
            return "It is closed."


async def load_example(assembly: Assembly, path: Path) -> None:
    """For a newcomer: something to see, and the bodies that answer it, where their file lies beside it. Does nothing
    where anything is stored."""
    from core.flows.bodies import Declared  # as in `read_file`

    if await assembly.store.consultations() or (await assembly.store.bodies()).all:
        return
    read = read_file(path)
    if read.document and isinstance(consultation := read.document.value, Consultation):
        now = assembly.clock.now()
        await assembly.store.record([ConsultationLoaded(consultation, now), ConsultationOpened(consultation.slug, now)])
    bodies = path.with_name(BODIES)
    if bodies.is_file() and (found := read_file(bodies).document) and isinstance(found.value, Declared):
        await assembly.store.record([BodiesLoaded(*found.value)])


async def open_(assembly: Assembly, slug: str) -> Said:
    consultation = await assembly.store.consultation(slug)
    now = assembly.clock.now()
    if consultation is None:
        return await _unknown(assembly, slug)
    if consultation.is_open(now):
        return Said((f"“{slug}” is open already.",))
    return await _record(assembly, ConsultationOpened(slug, now), f"“{slug}” is open.")


async def close(assembly: Assembly, slug: str) -> Said:
    consultation = await assembly.store.consultation(slug)
    now = assembly.clock.now()
    if consultation is None:
        return await _unknown(assembly, slug)
    if consultation.phase(now) is Phase.CLOSED:
        return Said((f"“{slug}” is closed already.",))
    return await _record(assembly, ConsultationClosed(slug, now), f"“{slug}” is closed.")


async def broadcast(assembly: Assembly, slug: str, at: str, to: str) -> Said:
    consultation = await assembly.store.consultation(slug)
    if consultation is None:
        return await _unknown(assembly, slug)
    typed = " ".join(part for part in (slug, f"--at {at}" if at else "", f"--to {to}" if to else "") if part)
    now = assembly.clock.now()
    order = read_order(typed, now, consultation.timezone)
    if order.problem:
        return Said((_say(assembly, order.problem),), is_good=False)
    if not consultation.is_open(order.at or now):
        return Said((f"“{slug}” isn’t open then. Open it first: folkmoot open {slug}",), is_good=False)
    audience: Audience | None = consultation.audience
    if order.to:
        body, topics = await assembly.store.body(order.to), await assembly.store.topics()
        audience = audience_named(order.to, body, topics, consultation.audience)
    if audience is None:
        return Said((f"There is no body or topic called “{order.to}”.",), is_good=False)
    ordered = invitation(SecretMint().token(), slug, audience, order.at or now)
    when = f"at {order.at:%Y-%m-%d %H:%M %Z}" if order.at else "now"
    return await _record(assembly, ordered, f"It goes out {when}. Watch it: folkmoot status {slug} --watch")


async def status(assembly: Assembly, slug: str, *, watch: bool) -> Said:
    found = await assembly.store.status(slug)
    if found is None:
        return await _unknown(assembly, slug)
    if watch:
        found = await _watch(assembly, slug, found)
    lines = status_lines(found, assembly.clock.now())
    title = found.consultation.title.in_language("en")
    return Said((title, *(_say(assembly, line) for line in lines)))


async def health(assembly: Assembly) -> Said:
    now = assembly.clock.now()
    lines = health_lines(await assembly.store.health(now), now)
    return Said(tuple(_say(assembly, line) for line in lines))


async def _watch(assembly: Assembly, slug: str, found: Status) -> Status:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # for whoever watches, alone

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("going out", total=found.total or None, completed=found.settled)
        took = 0.0
        while found.planning or found.settled < found.total:
            await asyncio.sleep(max(WATCH_EVERY, took * WATCH_SPARINGLY))
            began = monotonic()
            found = await assembly.store.status(slug) or found
            took = monotonic() - began
            now = "held by an organiser" if found.held else "going out"
            progress.update(task, description=now, total=found.total or None, completed=found.settled)
    return found


async def outcome(assembly: Assembly, slug: str, words: str) -> Said:
    consultation = await assembly.store.consultation(slug)
    if consultation is None:
        return await _unknown(assembly, slug)
    if file := _file(words):
        try:
            words = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            return Said((f"{file} isn’t text in UTF-8. Nothing was published.",), is_good=False)
    elif Path(words).suffix in TEXT_FILES and len(words.split()) == 1:
        return Said((f"There is no file called {words}. Nothing was published.",), is_good=False)
    if not words.strip():
        return Said(("Say what came of it.",), is_good=False)
    published = OutcomePublished(slug, Localised.of(words.strip()), assembly.clock.now())
    return await _record(assembly, published, "Published. All who took part will be told.")


def _file(words: str) -> Path | None:
    try:
        return Path(words) if Path(words).is_file() else None
    except OSError:  # too long for a file's name
        return None


async def links(assembly: Assembly, slug: str, qr: Path | None) -> Said:
    """Telegram's deep link first, where there is a bot, then the web chat's."""
    settings = assembly.settings
    if await assembly.store.consultation(slug) is None:
        return await _unknown(assembly, slug)
    if qr and qr.suffix not in (".svg", ".png"):
        return Said((f"{qr} should end in .svg or .png.",), is_good=False)
    found = [f"{settings.base_url}/chat?start={START_CONSULTATION}{slug}"]
    if settings.telegram_bot_token:
        # Loaded here alone: what serves pages has no need of Telegram's library where there is no bot.
        from bots.telegram.account import CallRefused, TokenRefused, open_bot
        from folkmoot.telegram import open_session

        try:
            async with open_session() as session:
                bot = await open_bot(settings.telegram_bot_token, settings.telegram_api_url, session)
        except (TokenRefused, CallRefused) as error:
            return Said((str(error),), is_good=False)
        found.insert(0, f"https://t.me/{bot.username}?start={START_CONSULTATION}{slug}")
    if qr:
        import segno  # drawn once in a while, by this command alone

        segno.make(found[0], error="m").save(str(qr), scale=10, border=4)
        found.append(f"The first one is in {qr} as a QR code.")
    return Said(tuple(found))


async def first_link(assembly: Assembly) -> str:
    """Where whoever runs the machine comes to the desk as its first organiser; empty where there is one."""
    if await assembly.store.has_organiser():
        return ""
    code = SecretMint().token()
    made = OrganiserCodeMade(code, "the first organiser", assembly.clock.now() + CODE_LASTS)
    await assembly.store.record([made], by=_by(assembly))
    return f"{assembly.settings.base_url}/desk/enter/{code[:4]}-{code[4:]}"


async def make_organiser(assembly: Assembly, name: str) -> Said:
    code = SecretMint().token()
    shown = f"{code[:4]}-{code[4:]}"
    made = OrganiserCodeMade(code, name, assembly.clock.now() + CODE_LASTS)
    return await _record(
        assembly, made, f"For {name}, once, within a day. Type this to the bot, on any channel: /organiser {shown}"
    )


async def _record(assembly: Assembly, event: Event, words: str) -> Said:
    await assembly.store.record([event], by=_by(assembly))
    return Said((words,))


def _by(assembly: Assembly) -> By:
    return By(Via.COMMAND, assembly.clock.now())


async def _unknown(assembly: Assembly, slug: str) -> Said:
    known = ", ".join(c.slug for c in await assembly.store.consultations())
    return Said((f"There is no consultation called “{slug}”.", f"There is: {known or 'none yet'}"), is_good=False)


def _say(assembly: Assembly, words: Words) -> str:
    return assembly.texts.say(words, "en", assembly.settings.timezone)
