"""The member's screen in a rehearsal: what they said and heard, line by line."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.consultations import NudgeKind
from core.outbound import Message
from core.rehearsals import Heard, Line


@dataclass(slots=True)
class Screen:
    lines: list[Line] = field(default_factory=list)

    def hear(self, message: Message, at: datetime, nudge: NudgeKind | None) -> str:
        """The number that it is known by from then on: its own, or that of the message in whose place it stands."""
        for place, line in enumerate(self.lines):
            if isinstance(line, Heard) and str(line.number) == message.replaces:
                self.lines[place] = replace(line, message=message, is_changed=True)
                return str(line.number)
        number = 1 + sum(isinstance(line, Heard) for line in self.lines)
        self.lines.append(Heard(number, at, message, nudge))
        return str(number)
