"""Either of the two files that an organiser writes, told apart by what is in it."""

import re

from core.consultations import Consultation
from core.flows.bodies import Declared, read_bodies
from core.flows.problems import Checked, Problem
from core.flows.reading import Known, read_consultation

__all__ = ["Checked", "read_document"]


def read_document(
    text: str, known: Known | None = None
) -> Checked[Consultation] | Checked[Declared] | tuple[Problem, ...]:
    if re.search(r"^(bodies|topics) *:", text, re.MULTILINE) and not re.search(r"^consultation *:", text, re.MULTILINE):
        return read_bodies(text)
    return read_consultation(text, known)
