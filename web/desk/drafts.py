"""Drafts at the desk: which of them somebody may see, what new ones begin with, and what they are checked against."""

from dataclasses import replace
from pathlib import Path

from core.authority import Authority
from core.consultations import Consultation
from core.drafts import Draft
from core.flows.manuscripts.reading import read_manuscript
from core.flows.reading import Known
from core.texts import Phrase, T
from web.desk.desk import At, Desk
from web.desk.editing import home_audience
from web.desk.numbers import NUMBER
from web.known import known_to
from web.trouble import Trouble, nothing_here

EXAMPLES: dict[str, tuple[Phrase, Phrase]] = {
    "ideas": (T("Gather ideas"), T("One open question. Every idea gets a code, a story and an answer.")),
    "pulse": (T("Ask how it goes"), T("A scale, why, and what would help. Good to ask every quarter.")),
    "choice": (T("Choose between things"), T("Put in order, agree or disagree, and what is missing.")),
}
BLANK = """\
consultation:
title:
framing:
timezone: {timezone}
prompts:
"""
DRAFT = f"/desk/drafts/{{draft:{NUMBER}}}"
_FOLDER = Path(__file__).parent / "examples"


class Drawer:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def find(self, here: At, id: int) -> Draft:
        """One that is theirs to see. Raises Trouble where it isn't: for them there is none."""
        draft = await self._desk.own.drafts.find(id)
        if draft is None or not here.authority.may_ask(draft.content.audience):
            raise nothing_here()
        return draft

    async def all(self, here: At) -> list[Draft]:
        return [one for one in await self._desk.own.drafts.all() if here.authority.may_ask(one.content.audience)]

    async def known(self, here: At, besides: str = "") -> Known:
        store, now = self._desk.parts.store, self._desk.parts.clock.now()
        return known_to(here.authority, await store.consultations(), await store.topics(), now, besides)

    async def is_taken(self, slug: str, of: str | None) -> bool:
        return slug != of and await self._desk.parts.store.consultation(slug) is not None


def blank(here: At, title: str) -> str:
    text = BLANK.format(timezone=here.reader.zone or "Europe/London")
    found = read_manuscript(text)
    if found is None or not title.strip():
        return text
    from core.flows.manuscripts.fields import read_fields, write_fields
    from core.flows.manuscripts.writing import write_manuscript

    return write_manuscript(read_fields([*write_fields(found), ("title.en", title)]))


def example(name: str) -> str:
    """Raises Trouble where there is no such example."""
    if name not in EXAMPLES:
        raise nothing_here()
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def at_home(text: str, authority: Authority) -> str:
    """Of somebody who organises a branch, a draft that names nobody asks the branch."""
    from core.flows.manuscripts.splicing import write_over

    found, home = read_manuscript(text), home_audience(authority)
    if found is None or home.is_everybody or not found.is_everybody:
        return text
    return write_over(text, replace(found, bodies=home.bodies))


def copied(consultation: Consultation, slug: str) -> str:
    """The same questions, to be asked anew: without its times, its outcome and its keyword."""
    anew = replace(consultation, slug=slug, opens_at=None, closes_at=None, outcome=None, outcome_at=None, repeats=None)
    return written(replace(anew, keyword=None))


def written(consultation: Consultation) -> str:
    """Raises Trouble where no file can say it: it was made by a program, not by a file."""
    from core.flows.writing import write_consultation

    try:
        return write_consultation(consultation)
    except ValueError:
        raise Trouble(
            409,
            T("This one can’t be made into a draft"),
            T("It has something in it that no file can say. Begin a new consultation instead."),
        ) from None
