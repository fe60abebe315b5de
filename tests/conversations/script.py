"""Reading a golden conversation, acting it out, and writing down what everybody heard."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from core.authority import Authority
from core.consultations import Consultation
from core.deeds import By, Via
from core.events import BodiesLoaded, ConsultationLoaded, ConsultationOpened, OrganiserCodeMade
from core.flows.documents import Checked, read_document
from core.inbound import Commanded, Deed, Edited, PutForward, Quoted, Said
from core.members import Address, Role
from core.outbound import File
from core.places import Place
from core.rolls import RollRow, read_number, read_postcode
from core.texts import Phrase
from core.turns.acts import InOffice, talking
from tests.fakes.town import Heard, Town

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = {"telegram": "telegram:1", "slack": "slack:T1", "web": "web"}
LINE = re.compile(
    r"(?P<who>\w+)(@(?P<channel>\w+))?( in (?P<group>#\w+))?"
    r"(?P<how> says| edits| replies to \w+| :bulb: \w+)?>\s?(?P<what>.*)"
)


@dataclass
class Play:
    town: Town = field(default_factory=Town)
    channels: dict[str, str] = field(default_factory=dict)
    last_said: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(who, chat) to the id and words of their last message there."""
    messages: int = 0

    async def act(self, line: str) -> list[str]:
        """One line at the margin; gives the lines that are heard."""
        if line.startswith("#"):
            return []
        if line.startswith("load "):
            await self._load(line.removeprefix("load ").strip())
        elif line.startswith("later "):
            amount, unit = line.split()[1:]
            await self.town.passes(timedelta(**{unit if unit.endswith("s") else f"{unit}s": float(amount)}))
        elif line.startswith("roll "):
            self._enrol(*line.split()[1:])
        elif line.startswith("desk "):
            _, officer, what = line.split(maxsplit=2)
            if hindered := await self._at_desk(officer, what):
                return [f"  ← at the desk: {hindered}"]
        elif line.startswith("organiser code "):
            code = line.split()[-1]
            await self.town.store.record([OrganiserCodeMade(code, "", self.town.clock.now() + timedelta(days=1))])
        else:
            try:
                await self._somebody(line)
            except LookupError as error:
                return [f"  !! {error.args[0]}"]
        heard = await self.town.hears()
        return [written for one in heard for written in self._write(one)]

    async def _load(self, name: str) -> None:
        checked = read_document((ROOT / name).read_text(encoding="utf-8"))
        assert isinstance(checked, Checked), checked
        now = self.town.clock.now()
        if isinstance(checked.value, Consultation):
            loaded = ConsultationLoaded(checked.value, now)
            await self.town.store.record([loaded, ConsultationOpened(checked.value.slug, now)])
        else:
            await self.town.store.record([BodiesLoaded(*checked.value)])

    def _enrol(self, number: str, postcode: str, *offices: str) -> None:
        """A row of the membership roll: `roll 4711 LS1 parks:member`."""
        hashed = self.town.rolls.keep(read_number(number), read_postcode(postcode))
        held = (office.partition(":") for office in offices)
        row = RollRow(hashed.number, tuple((body, Role(role)) for body, _, role in held))
        self.town.store.memory.roll[hashed.number] = hashed, row

    async def _at_desk(self, who: str, what: str) -> str:
        """`steps in CODE`, `writes WORDS` or `hands back`; what stood in the way, if anything did."""
        town, now = self.town, self.town.clock.now()
        member = town.store.memory.member_at(Address(ACCOUNTS["telegram"], who))
        assert member, f"nobody knows {who}"
        by = By(Via.DESK, now, member.id)
        if what.startswith("steps in "):
            idea = await town.store.idea(what.removeprefix("steps in ").strip())
            assert idea, "there is no such idea"
            bodies = await town.store.bodies()
            officer = InOffice(Authority.of(member, town.store.memory.offices_of(member.id), bodies), now)
            seat = talking(officer, idea)
            assert seat, f"{who} has no seat from which to talk"
            found = await town.talks.step_in(idea, seat, member.id, by)
            return town.texts.say(found, "en") if isinstance(found, Phrase) else ""
        current = max(town.store.memory.handovers.values(), key=lambda one: one.id)
        if what == "hands back":
            await town.talks.hand_back(current, by)
            return ""
        problem = await town.talks.say(current, what.removeprefix("writes ").replace("\\n", "\n"), by)
        return town.texts.say(problem, "en") if problem else ""

    async def _somebody(self, line: str) -> None:
        parts = LINE.fullmatch(line)
        assert parts, f"can't read the line {line!r}"
        who, what, how = parts["who"], parts["what"], (parts["how"] or "").strip()
        channel = self.channels.setdefault(who, parts["channel"] or "telegram")
        if parts["channel"]:
            channel = parts["channel"]
        address = Address(ACCOUNTS[channel], who)
        place = Place(address.account, parts["group"], private=False) if parts["group"] else Place.private_to(address)
        deed = self._deed(who, place, how, what.replace("\\n", "\n"))
        if deed is not None:
            locale = "cy" if who in ("dilys", "gwen") else "en"
            await self.town.does(address, deed, place=place, name=who.capitalize(), locale=locale)

    def _deed(self, who: str, place: Place, how: str, what: str) -> Deed | None:
        here = (who, place.chat)
        if how == "edits":
            return Edited(what, self.last_said[here][0])
        if how.startswith(":bulb:"):
            return PutForward(self._quoted(how.split()[-1], place))
        if what.startswith("[") and what.endswith("]"):
            return self.town.button(what[1:-1], place.chat)
        self.messages += 1
        message = f"m{self.messages}"
        self.last_said[here] = (message, what)
        if how == "says":
            return None
        if what.startswith("/"):
            command, _, argument = what[1:].partition(" ")
            quoted = self._quoted(how.split()[-1], place) if how.startswith("replies") else None
            seen = None if place.account == ACCOUNTS["slack"] else message  # a slash command leaves no message
            return Commanded(command, argument, seen, quoted)
        return Said(what, message)

    def _quoted(self, whom: str, place: Place) -> Quoted:
        message, words = self.last_said[(whom, place.chat)]
        address = Address(place.account, whom)
        return Quoted(address, whom.capitalize(), words, message, self.town.clock.now())

    def _write(self, heard: Heard) -> list[str]:
        message = heard.message
        marks = [f"to {heard.to.chat}" + ("" if heard.to.account == ACCOUNTS["telegram"] else f" ({heard.to.account})")]
        marks += [f"alone: {message.only_for}"] if message.only_for else []
        marks += ["in place"] if message.replaces else []
        lines = [f"  ← {', '.join(marks)}"]
        lines += [f"    *{message.title}*"] if message.title else []
        lines += [f"    {line}" if line else "" for line in message.text.split("\n")] if message.text else []
        for row in message.keys:
            lines.append("    " + " ".join(f"[{key.label}]" if not key.url else f"[{key.label} ↗]" for key in row))
        if isinstance(message.file, File):
            lines += [
                f"    with {message.file.name}:",
                *(f"    | {line}".rstrip() for line in message.file.text.splitlines()),
            ]
        return lines


async def act_out(script: str) -> str:
    """The script with what is heard written anew."""
    play, written = Play(), list[str]()
    for line in script.splitlines():
        if line.startswith(" ") or not line.strip():
            continue
        heard = await play.act(line)
        written += [line, *heard, *([""] if heard else [])]
    return "\n".join(written).rstrip() + "\n"
