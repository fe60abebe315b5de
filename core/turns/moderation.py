"""Moderation: hiding words, blacking some out, showing them again, and judging appeals; always by a rule, for a reason
and in the story."""

import re
from collections.abc import Callable
from dataclasses import replace

from core.actions import Action, action
from core.outbound import Button, Say, say
from core.sessions import IDLE, Deciding
from core.standings import may_follow
from core.stories import Entry, EntryKind, Rule
from core.telling import RULES
from core.texts import Phrase, T, Words
from core.turns.acting import (
    Chosen,
    about,
    ask_for_words,
    choose,
    leave,
    no_longer_open,
    put_off,
    read_reason,
    settled,
    told_back,
)
from core.turns.acts import barred, entry_of, seat_for, write_down
from core.turns.ideas import story
from core.turns.seats import judges, moderates
from core.turns.turn import Scene, Turn, go

BLACK = "█"


def moderate(scene: Scene, _: Action) -> Turn:
    """What can be done about its words."""
    idea = scene.idea
    if idea is None:
        return story(scene)
    if moderates(scene, idea) is None and judges(scene, idea) is None:
        return leave(scene, _not_theirs())
    now = idea.standing
    hidden = T("Its words are hidden under the rule “{rule}”.", rule=RULES[now.rule]) if now.rule else ""
    rows = [
        [Button(label, action(verb, idea.code))]
        for kind, label, verb in _CHOICES
        if may_follow(now, kind) and (idea.text or kind is not EntryKind.REDACTED)
    ]
    back = [Button(T("Its story"), action("story", idea.code))]
    text = T("“{text}”", text=idea.text) if idea.text else T("Its words were erased.")
    title = T("Idea {code}", code=idea.code)
    return leave(scene, say(hidden, text, title=title, buttons=[*rows, back]))


_CHOICES = (
    (EntryKind.HIDDEN, T("Hide its words"), "hide"),
    (EntryKind.REDACTED, T("Black words out"), "redact"),
    (EntryKind.RESTORED, T("Show its words again"), "restore"),
    (EntryKind.UPHELD, T("They stay hidden"), "uphold"),
)


def _not_theirs() -> Say:
    return say(T("That is for organisers, and for whoever moderates for the body that has it."))


# --- by a rule
def _by_rule(kind: EntryKind, verb: str) -> Callable[[Scene, Action], Turn]:
    def begin(scene: Scene, act: Action) -> Turn:
        if scene.idea is None:
            return story(scene)
        chosen = _moderating(scene, kind, scene.idea.code)
        if isinstance(chosen, Turn):
            return chosen
        named = act.args[1] if len(act.args) > 1 else (act.first.split() or [""])[-1]
        rule = next((rule for rule in Rule if rule == named.casefold()), None)
        if rule is None:
            return leave(scene, _ask_rule(chosen, verb))
        if kind is EntryKind.REDACTED:
            return _ask_what(chosen, rule)
        return ask_for_words(chosen, kind, about(chosen.ideas), ASKS[kind], rule=rule.value)

    return begin


def _moderating(scene: Scene, kind: EntryKind, code: str) -> Chosen | Turn:
    known = next((idea for idea in (scene.idea, *scene.ideas) if idea and idea.code == code), None)
    if known and seat_for(scene, known, kind) is None:
        return leave(scene, _not_theirs())
    if known and not may_follow(known.standing, kind):
        return leave(scene, no_longer_open(scene, [known]))
    return choose(scene, kind, (code,), lambda scene, idea: seat_for(scene, idea, kind))


def _ask_rule(chosen: Chosen, verb: str) -> Say:
    code = chosen.code
    rows = [[Button(RULES[rule], action(verb, code, rule.value))] for rule in Rule]
    ask = T("Under which rule? Words may be hidden or blacked out for these, and for nothing else.")
    return say(about(chosen.ideas), ask, buttons=[*rows, [Button(T("Never mind"), action("moderate", code))]])


ASKS: dict[EntryKind, Words] = {
    EntryKind.HIDDEN: T("Why are its words to be hidden? Its author reads this and can appeal; it stays in the story."),
    EntryKind.REDACTED: T("Why are these words blacked out? Its author reads this, and it stays in the story."),
    EntryKind.UPHELD: T("Why do its words stay hidden? Its author reads this, and it stays in the story."),
}


def take_words(scene: Scene, step: Deciding, text: str) -> Turn:
    kind = EntryKind(step.entry)
    chosen = _moderating(scene, kind, step.codes[0] if step.codes else "")
    if isinstance(chosen, Turn):
        return chosen
    idea = chosen.ideas[0]
    if kind is EntryKind.REDACTED and not step.text:
        left = blacked_out(idea.text, text.strip())
        if isinstance(left, Phrase):
            return put_off(scene, step, left)
        shown = T("It will read: “{text}”", text=left)
        return ask_for_words(chosen, kind, shown, ASKS[kind], rule=step.rule, text=left)
    reason = read_reason(text)
    if isinstance(reason, Phrase):
        return put_off(scene, step, reason)
    rule = next((rule for rule in Rule if rule == step.rule), idea.standing.rule)
    entry = entry_of(scene, chosen.seat, kind, reason=reason, rule=rule, text=step.text or None)
    return _redacted(scene, chosen, entry) if kind is EntryKind.REDACTED else settled(scene, chosen, entry)


# --- blacking out
def _ask_what(chosen: Chosen, rule: Rule) -> Turn:
    ask = T("Which words may not stay? Send them exactly as they stand there. Everything else stays as it was written.")
    return ask_for_words(chosen, EntryKind.REDACTED, T("“{text}”", text=chosen.ideas[0].text), ask, rule=rule.value)


def blacked_out(text: str, sent: str) -> str | Phrase:
    """The text without the words that were sent; or the whole text, sent with what may not stay blacked out already.
    Nothing else may change: nobody is made to say what they didn’t."""
    if BLACK in sent:
        left = sent if _is_the_rest(sent, text) else ""
    else:
        found = re.search(re.escape(sent), text, re.IGNORECASE) if sent else None
        left = text.replace(found[0], BLACK * len(found[0])) if found else ""
    if not left or left == text:
        return T("Those words don’t stand there like that. Send them exactly as they are written.")
    return left


def _is_the_rest(sent: str, text: str) -> bool:
    """Whether what isn’t black is the text’s own, in its order, from its beginning to its end."""
    first, *between, last = re.split(f"{BLACK}+", sent)
    if not text.startswith(first) or not text.endswith(last):
        return False
    at = len(first)
    for piece in between:
        found = text.find(piece, at + 1)  # at least one letter under the black
        if found < 0:
            return False
        at = found + len(piece)
    return at < len(text) - len(last)


def _redacted(scene: Scene, chosen: Chosen, entry: Entry) -> Turn:
    idea = chosen.ideas[0]
    changed = replace(chosen, ideas=(idea.with_entry(entry),))
    return go(IDLE, told_back(scene, changed, entry)).with_events(*write_down(scene, idea, entry))


# --- judging
def restore(scene: Scene, _: Action) -> Turn:
    if scene.idea is None:
        return story(scene)
    chosen = _moderating(scene, EntryKind.RESTORED, scene.idea.code)
    if isinstance(chosen, Turn):
        return chosen
    if why := barred(scene, scene.idea, EntryKind.RESTORED):
        return leave(scene, say(why))
    return settled(scene, chosen, entry_of(scene, chosen.seat, EntryKind.RESTORED))


def uphold(scene: Scene, _: Action) -> Turn:
    if scene.idea is None:
        return story(scene)
    chosen = _moderating(scene, EntryKind.UPHELD, scene.idea.code)
    if isinstance(chosen, Turn):
        return chosen
    return ask_for_words(chosen, EntryKind.UPHELD, about(chosen.ideas), ASKS[EntryKind.UPHELD])


VERBS: dict[str, Callable[[Scene, Action], Turn]] = {
    "moderate": moderate,
    "hide": _by_rule(EntryKind.HIDDEN, "hide"),
    "redact": _by_rule(EntryKind.REDACTED, "redact"),
    "restore": restore,
    "uphold": uphold,
}
