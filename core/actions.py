"""Actions: what somebody wants, whichever way they said it. A command, a button and a keyword become the same one.

Written on a button as `verb:argument:argument`, 64 bytes at the most (Telegram's limit, held by the limits on slugs
and keys). A button of an older version that we no longer know reads as None.
"""

from dataclasses import dataclass

LONGEST = 64

VERBS = {
    # verb: how many arguments it takes, least and most
    "home": (0, 0), "help": (0, 0), "stop": (0, 0), "me": (0, 0), "mine": (0, 0),
    "consultations": (0, 0), "language": (0, 1), "timezone": (0, 1), "link": (0, 1), "linked": (1, 1), "topics": (0, 0),
    "follow": (1, 1), "unfollow": (1, 1),
    "consent": (1, 1),  # yes | no
    "about": (1, 1), "begin": (1, 1), "on": (1, 1), "review": (1, 1),  # consultation
    "ask": (2, 2), "skip": (2, 2), "back": (2, 2), "clear": (2, 2), "done": (2, 2),  # consultation, prompt
    "answer": (3, 3), "tick": (3, 3),  # consultation, prompt, option
    "idea": (0, 1), "capture": (2, 2),  # capture id, yes | no | change
    "code": (1, 1), "story": (0, 1), "receipt": (1, 1),  # receipt code
    "reword": (1, 1), "withdraw": (1, 1), "withdrawn": (1, 1),  # receipt code
    "organiser": (0, 1), "check": (0, 1), "load": (0, 1), "open": (0, 1), "close": (0, 1), "status": (0, 1),
    "broadcast": (0, 1), "outcome": (0, 1), "send": (1, 1),  # send: the id of a broadcast that waits for a yes
    "desk": (0, 0), "attach": (0, 1), "detach": (0, 0), "post": (0, 1), "unknown": (0, 0),
    # an author, and whoever supports an idea: receipt code
    "appeal": (1, 1), "reply": (1, 1), "object": (1, 1), "contest": (1, 1), "wordless": (1, 1),
    "heard": (2, 2),  # receipt code, score
    "support": (1, 1), "unsupport": (1, 1),
    "forget": (0, 1),  # sure | certain
    "file": (0, 0), "verify": (0, 0), "handback": (0, 0),
    # a body's officers
    "queue": (0, 1), "meeting": (0, 1),  # body
    "consider": (1, 1), "decline": (1, 1), "question": (1, 1), "notours": (1, 1), "later": (1, 1),  # receipt code
    "accept": (1, 2), "pass": (1, 2),  # receipt code, body | `here`
    "adopt": (1, 1), "carried": (1, 1), "uncarried": (1, 1), "undo": (1, 1),  # receipt code
    "alike": (1, 1), "merge": (1, 1), "pick": (1, 1), "picked": (0, 0),  # receipt code
    # organisers
    "astray": (0, 0), "route": (1, 2),  # receipt code, body
    "moderate": (1, 1), "hide": (1, 2), "redact": (1, 2),  # receipt code, rule
    "restore": (1, 1), "uphold": (1, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    verb: str
    args: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join((self.verb, *self.args))

    @property
    def first(self) -> str:
        return self.args[0] if self.args else ""


def action(verb: str, *args: str) -> str:
    """The button data of an action. Fails loudly on what would not fit: that is our mistake, never a member's."""
    least, most = VERBS[verb]
    written = str(Action(verb, args))
    if not least <= len(args) <= most or len(written.encode()) > LONGEST:
        raise ValueError(f"the button {written!r} can't be written in {LONGEST} bytes with {least} to {most} arguments")
    return written


def read_action(data: str) -> Action | None:
    verb, *args = data.split(":")
    least, most = VERBS.get(verb, (1, 0))
    return Action(verb, tuple(args)) if least <= len(args) <= most else None
