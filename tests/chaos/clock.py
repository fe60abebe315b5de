"""A clock that all processes of a run share: the real one and an offset, which the driver keeps in a small file."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


class ShiftedClock:
    """`core.ports.Clock`, for every process."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + float(self._file.read_text()), UTC)


@dataclass
class Hands:
    """The driver's end: moves the clock, and remembers which offset was in force since when."""

    file: Path
    begins: datetime
    moved: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        now = time.time()
        self._set(self.begins.timestamp() - now)

    @property
    def offset(self) -> float:
        return self.moved[-1][1]

    def now(self) -> datetime:
        return self.at(time.time())

    def at(self, real: float) -> datetime:
        """What the clock showed at that real moment."""
        offset = next((by for since, by in reversed(self.moved) if since <= real), self.moved[0][1])
        return datetime.fromtimestamp(real + offset, UTC)

    def really(self, shown: datetime) -> float:
        """The real moment at which the clock showed that; the first, where it did so twice. 0 where it never did."""
        untils = [since for since, _ in self.moved[1:]] + [float("inf")]
        spans = zip(self.moved, untils, strict=True)
        real = (shown.timestamp() - by for (since, by), until in spans if since <= shown.timestamp() - by < until)
        return next(real, 0.0)

    def shown(self, real: float, within: float) -> tuple[datetime, ...]:
        """That moment as the clock would have it by every offset in force within so many seconds before it."""
        known = {by for since, by in self.moved if real - within < since <= real}
        known |= {next((by for since, by in reversed(self.moved) if since <= real - within), self.moved[0][1])}
        return tuple(datetime.fromtimestamp(real + by, UTC) for by in sorted(known))

    def move(self, by: float) -> None:
        self._set(self.offset + by)

    def move_to(self, instant: datetime) -> None:
        self.move((instant - self.now()) / timedelta(seconds=1))

    def _set(self, offset: float) -> None:
        written = self.file.with_suffix(".new")
        written.write_text(repr(offset))
        written.replace(self.file)
        self.moved.append((time.time(), offset))
