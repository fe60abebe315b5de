"""What is tried out: a draft as it stands, or a loaded consultation, for whoever may see it."""

from dataclasses import dataclass

from core.consultations import Consultation
from core.flows.problems import Checked, Problem
from core.flows.reading import read_consultation
from web.desk.desk import At, Desk
from web.desk.drafts import DRAFT, Drawer
from web.trouble import nothing_here


@dataclass(frozen=True, slots=True)
class Tried:
    """`address`: its own, under which its pages stand. Without a consultation there are problems: mistakes that have to
    be put right first."""

    title: str
    address: str
    editor: str
    consultation: Consultation | None
    problems: tuple[Problem, ...] = ()
    is_draft: bool = False


class Tries:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._drawer = desk, Drawer(desk)

    @staticmethod
    def addresses(page: str) -> tuple[str, str]:
        return f"{DRAFT}/{page}", f"/desk/consultations/{{slug}}/{page}"

    async def find(self, here: At, slug: str, draft: int) -> Tried:
        """Whichever of the two is given. Raises Trouble where it isn't theirs to see: for them there is none."""
        if slug:
            found = await self._desk.consultation(here, slug)
            address = f"/desk/consultations/{found.slug}"
            return Tried(found.title.in_language(here.reader.language), address, f"{address}/edit", found)
        return await self._draft(here, draft)

    async def _draft(self, here: At, id: int) -> Tried:
        draft = await self._drawer.find(here, id)
        address = f"/desk/drafts/{draft.id}"
        known = await self._drawer.known(here, besides=draft.of or draft.content.slug)
        checked = read_consultation(draft.content.text, known)
        if not isinstance(checked, Checked):
            return Tried(draft.content.title, address, address, None, checked, is_draft=True)
        title = checked.value.title.in_language(here.reader.language)
        if not here.authority.may_run(checked.value):
            raise nothing_here()
        return Tried(title, address, address, checked.value, is_draft=True)
