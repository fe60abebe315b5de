"""What a store raises that whoever called it has to know of."""


class CodeTaken(Exception):
    """A freshly minted code already belongs to something else; mint another and take the turn again."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the code {code} is already taken")


class StoryMoved(Exception):
    """Somebody else added to the story meanwhile; look again, and take the turn again."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the story of {code} went on meanwhile")


class NameTaken(Exception):
    """There is a consultation of that short name by now; nothing was stored."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is a consultation called {slug} already")


class TakenBefore(Exception):
    """Another delivery of the same inbound was taken in while this one was."""

    def __init__(self) -> None:
        super().__init__("the same inbound was taken in meanwhile")


class StoreUnavailable(ConnectionError):
    """The database can't be reached or doesn't take writes. What was being done is undone and may be tried again."""


class WrongSecret(Exception):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"what is kept as {kind} of {name} was sealed with another SECRET_KEY: set the one that this database was "
            "used with before (as SECRET_KEY_BEFORE, if it shall change), or connect it anew"
        )
