"""What the composition gives to the interface for programs."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from core.asking import AskedBefore
from core.consultations import Consultation
from core.deeds import By, Deeds
from core.floods import Flow
from core.hooks import Hooks
from core.inbox import Inbox
from core.ports import Mint, Store, Vault
from core.register import Register
from core.results import Answered
from core.tokens import Tokens
from core.watching import Watching

PROGRAM = Flow(300, 5.0)
"""Requests that one token may make at once, and from then on a second."""


class Replacing(Protocol):
    async def replace(self, consultation: Consultation, expected: str | None, by: By) -> bool:
        """Stored if what is there now is of that version (None: if there is nothing), in one transaction; False where
        somebody was quicker."""
        ...


@dataclass(frozen=True, slots=True)
class Developers:
    """`hooks_may_go_anywhere`: also to our own machine and network, and without https: for trying, and for
    organisations that host both sides."""

    store: Store
    mint: Mint
    tokens: Tokens
    hooks: Hooks
    vault: Vault
    asked: AskedBefore
    register: Register
    answered: Answered
    deeds: Deeds
    inbox: Inbox
    watching: Watching
    replacing: Replacing
    flow: Flow = PROGRAM
    seconds: Callable[[], float] = monotonic
    hooks_may_go_anywhere: bool = False
