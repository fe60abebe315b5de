"""Crowds: how much is taken in from one connection, whoever its visitors say they are. A new cookie costs nothing."""

from ipaddress import ip_address, ip_network
from time import monotonic

from starlette.requests import Request

from core.floods import Flow, Levels

CROWD = Flow(1_000, 20.0)
"""A hall whose people all share one connection and answer at once; a machine is quicker than that."""

HOUSEHOLD = 64
"""Bits of an IPv6 address that are one connection; whoever has it makes up the others."""


class Crowds:
    def __init__(self) -> None:
        self._levels = Levels(CROWD)

    def is_too_much(self, request: Request) -> bool:
        """Counts one more from there. Of addresses that aren't the internet's nothing is told apart: they are our own
        network's, or a proxy's that doesn't say for whom it asks."""
        connection = _connection(request.client.host if request.client else "")
        return connection is not None and self._levels.count(connection, monotonic()).is_flooded


def _connection(host: str) -> str | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if not address.is_global:
        return None
    return host if address.version == 4 else str(ip_network((address, HOUSEHOLD), strict=False))
