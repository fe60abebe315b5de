"""Versions: telling whether a consultation is still as somebody saw it, before they replace it."""

from hashlib import sha256

from core.consultations import Consultation


def version(consultation: Consultation) -> str:
    """The same for the same content, whoever asks; not to be kept beyond an update of Folkmoot."""
    return sha256(repr(consultation).encode()).hexdigest()[:24]
