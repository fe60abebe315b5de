"""Finding an idea by what somebody typed, and what of it may be shown: the one door through which words come out."""

from dataclasses import replace

from core.ideas import Idea
from core.receipts import read_code
from core.standings import Stage
from core.texts import T
from web.parts import Memory
from web.trouble import Trouble


async def find_idea(store: Memory, typed: str) -> Idea:
    """With all its words: `as_shown` is what pages, programs and pictures get. Raises Trouble."""
    code = read_code(typed)
    if code is None:
        raise Trouble(
            404,
            T("That isn’t a receipt code"),
            T("Codes look like K7M4-QX2N, and the last symbol checks the others: one seems to have slipped."),
        )
    idea = await store.idea(code)
    if idea is None:
        raise Trouble(
            404,
            T("We know no idea with this code"),
            T("The code {code} is well formed, but we never gave it out.", code=code),
        )
    return idea


def is_readable(idea: Idea) -> bool:
    """Whether its author's words may be read: they are neither hidden nor erased."""
    now = idea.standing
    return not now.is_hidden and now.stage is not Stage.ERASED


def as_judged(idea: Idea, may_read: bool) -> Idea:
    """As whoever answers or moderates it reads it: also while it is hidden."""
    return idea if may_read else as_shown(idea)


def as_shown(idea: Idea) -> Idea:
    """The idea without its author's words and attachments, where those may not be read. What bodies said stays."""
    if is_readable(idea):
        return idea
    return replace(idea, story=tuple(replace(entry, text=None) for entry in idea.story), attachments=())
