"""Where something is said: a private conversation, a group or a channel, perhaps a thread in it."""

from dataclasses import dataclass

from core.members import Address


@dataclass(frozen=True, slots=True)
class Place:
    """`chat` is the platform's own id of the conversation; for a private one, the user's id."""

    account: str
    chat: str
    private: bool = True
    thread: str | None = None

    @classmethod
    def private_to(cls, address: Address) -> "Place":
        return cls(address.account, address.user)


@dataclass(frozen=True, slots=True)
class Source:
    """One message on a platform: the place where something was said, exactly."""

    account: str
    chat: str
    message: str
