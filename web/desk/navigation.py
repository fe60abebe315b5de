"""What the desk's navigation shows to whom."""

from core.authority import Authority
from core.texts import Phrase, T

Shown = tuple[str, str, Phrase]
"""The part's name, its address, and its label."""


def parts_for(authority: Authority) -> list[Shown]:
    """The parts of the desk that they have any business with."""
    found: list[Shown] = [("ideas", "/desk/ideas", T("Ideas"))]
    if authority.is_organiser:
        found.insert(0, ("consultations", "/desk/consultations", T("Consultations")))
        found.append(("members", "/desk/members", T("Members")))
        found.append(("log", "/desk/log", T("Log")))
        found.append(("developers", "/desk/developers", T("Developers")))
    return found
