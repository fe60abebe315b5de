"""Time zones as people name them: `London`, `europe/london`, `UTC`."""

from functools import cache
from zoneinfo import available_timezones

MOST_OFFERED = 6


@cache
def _zones() -> dict[str, str]:
    """Every zone that has a city in its name, and UTC, by its name in lower case."""
    named = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/")))
    return {zone.lower(): zone for zone in sorted((*named, "UTC"))}


def find_timezones(typed: str) -> tuple[str, ...]:
    """The IANA zones that somebody may mean, best first; none if we don't know such a place."""
    wanted = "_".join(typed.strip().lower().split())
    if not wanted:
        return ()
    zones = _zones()
    if wanted in zones:
        return (zones[wanted],)
    cities = [zone for low, zone in zones.items() if low.rsplit("/", 1)[-1] == wanted]
    if cities:
        return tuple(cities[:1])
    return tuple(zone for low, zone in zones.items() if wanted in low)[:MOST_OFFERED]
