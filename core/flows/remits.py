"""What bodies answer, and how they stand to each other: the next one up, and who hears appeals."""

from collections.abc import Collection, Sequence

from core.bodies import USUAL_ANSWER_DAYS, Body, Power, Remit
from core.flows.fields import Fields, find_twins, items, read_slug, read_word
from core.flows.problems import Findings, closest, did_you_mean, shown
from core.flows.tree import Node, Word
from core.texts import T

EVERYTHING = "everything"

Draft = tuple[Body, Fields]
"""A body as far as it could be read, and where each thing about it stands."""


def read_remit(fields: Fields, topics: Collection[str], findings: Findings) -> Remit:
    """A name that isn't one of these topics is a consultation's, which may be loaded later."""
    node = fields.get("answers")
    if node is None:
        return Remit()
    words = [word for item in items(node) if (word := _name(item, findings))]
    find_twins(((word.text, word) for word in words), findings)
    for word in words:
        if word.text not in topics and word.text != EVERYTHING:
            _doubt_consultation(word, topics, findings)
    if words and "answers within" not in fields:
        usual = T("It has {days} days, then. Or write “answers within: 60 days”.", days=USUAL_ANSWER_DAYS)
        findings.doubt(node, T("This body doesn’t say how soon it answers."), usual)
    names = [word.text for word in words if word.text != EVERYTHING]
    return Remit(
        topics=tuple(name for name in names if name in topics),
        consultations=tuple(name for name in names if name not in topics),
        everything=any(word.text == EVERYTHING for word in words),
    )


def _name(node: Node, findings: Findings) -> Word | None:
    word = read_word(node, findings, "answers: [transport, good-city]")
    return word if word and read_slug(word, findings) else None


def _doubt_consultation(word: Word, topics: Collection[str], findings: Findings) -> None:
    if near := closest(word.text, (*topics, EVERYTHING)):
        what = T("“{name}” is no topic of this file, so it is taken as a consultation’s name.", name=shown(word.text))
        findings.doubt(word, what, T("Did you mean “{word}”?", word=near))


def read_other(fields: Fields, key: str, findings: Findings) -> str | None:
    """Another body's short name. Whether there is such a body is checked when all have been read."""
    node = fields.get(key)
    return read_slug(node, findings) if node is not None else None


# --- all bodies together
def check_together(drafts: Sequence[Draft], findings: Findings) -> None:
    slugs = [body.slug for body, _ in drafts if body.slug]
    for body, fields in drafts:
        _check_other(body, "parent", body.parent, fields, slugs, findings)
        _check_other(body, "appeals", body.appeals, fields, slugs, findings)
        _doubt_nobody_answers(body, fields, findings)
    _check_rings(drafts, findings)
    _doubt_twice_answered(drafts, findings)


def _check_other(
    body: Body, key: str, named: str | None, fields: Fields, slugs: Sequence[str], findings: Findings
) -> None:
    node = fields.get(key)
    if named is None or node is None:
        return
    if named not in slugs:
        others = [slug for slug in slugs if slug != body.slug]
        findings.mistake(node, T("There is no body “{slug}” in this file.", slug=named), did_you_mean(named, others))
    elif named == body.slug and key == "parent":
        leave_out = T("Leave “parent” out where no other body is above it.")
        findings.mistake(node, T("A body can’t be its own parent."), leave_out)
    elif named == body.slug:
        leave_out = T("Leave “appeals” out, and the next body up hears them.")
        findings.mistake(node, T("A body can’t be named to hear appeals against itself."), leave_out)


def _check_rings(drafts: Sequence[Draft], findings: Findings) -> None:
    parents = {body.slug: (body.parent, fields) for body, fields in drafts if body.slug and body.parent}
    told: set[str] = set()
    for slug, (_, fields) in parents.items():
        ring, up = [slug], parents[slug][0]
        while up and up in parents and up not in ring:
            ring.append(up)
            up = parents[up][0]
        node = fields.get("parent")
        if up == slug and len(ring) > 1 and told.isdisjoint(ring) and node is not None:
            told.update(ring)
            what = T("These bodies are above each other in a ring: {slugs}.", slugs=" → ".join((*ring, slug)))
            findings.mistake(node, what, T("One of them has to be at the top, without “parent”."))


def _doubt_nobody_answers(body: Body, fields: Fields, findings: Findings) -> None:
    """Where members are named at all; they may be named later."""
    node, may = fields.get("members"), body.roles_that_may(Power.ANSWER)
    if node is not None and body.does_answer and body.members and not any(role in may for _, role in body.members):
        roles = T("Those who may are: {roles}.", roles=", ".join(may))
        findings.doubt(node, T("None of its members may answer for this body."), roles)


def _doubt_twice_answered(drafts: Sequence[Draft], findings: Findings) -> None:
    first: dict[str, str] = {}
    for body, fields in drafts:
        node = fields.get("answers")
        for item in items(node) if node is not None else ():
            if isinstance(item, Word) and first.setdefault(item.text, body.slug) != body.slug:
                what = T("“{name}” is answered by {slug} already.", name=shown(item.text), slug=first[item.text])
                findings.doubt(item, what, T("The first in the file answers it."))
