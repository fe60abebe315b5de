"""What core needs done, and by whom: Protocols that storage, the channels and the composition fulfil."""

from core.ports.chance import Clock, Mint
from core.ports.faults import CodeTaken, NameTaken, StoreUnavailable, StoryMoved, TakenBefore, WrongSecret
from core.ports.keeping import Line, Transcript, Vault
from core.ports.sending import Allowance, Broadcast, Messenger, Messengers, Outbox, Planner
from core.ports.store import LinkOffer, Post, Store, Work
from core.ports.stories import Docket, Ledger

__all__ = [
    "Allowance",
    "Broadcast",
    "Clock",
    "CodeTaken",
    "Docket",
    "Ledger",
    "Line",
    "LinkOffer",
    "Messenger",
    "Messengers",
    "Mint",
    "NameTaken",
    "Outbox",
    "Planner",
    "Post",
    "Store",
    "StoreUnavailable",
    "StoryMoved",
    "TakenBefore",
    "Transcript",
    "Vault",
    "Work",
    "WrongSecret",
]
