"""Either of the two files that an organiser writes, told apart by what is in it."""

import re

from core.consultations import Consultation
from core.flows.bodies import Declared, read_bodies
from core.flows.problems import Checked, Problem
from core.flows.reading import Known, read_consultation

__all__ = ["Checked", "read_document"]

_OF_BODIES = re.compile(r"^(bodies|topics|holidays) *:", re.MULTILINE)
_OF_A_CONSULTATION = re.compile(r"^consultation *:", re.MULTILINE)


def read_document(
    text: str, known: Known | None = None
) -> Checked[Consultation] | Checked[Declared] | tuple[Problem, ...]:
    if _OF_BODIES.search(text) and not _OF_A_CONSULTATION.search(text):
        return read_bodies(text)
    return read_consultation(text, known)
