"""Acting in office upon one idea or many at once: whether it is open to this officer, what is written into the stories,
and how it is told back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.actions import action
from core.answers import read_answer
from core.events import Event
from core.ideas import Idea
from core.outbound import Button, Say, Tone, say
from core.prompts import Prompt, PromptKind
from core.sessions import IDLE, Deciding, Picking, Session
from core.standings import effect, may_follow
from core.stories import Entry, EntryKind
from core.telling import sentence, spoken
from core.texts import TN, Lines, Localised, Phrase, T, Words
from core.turns.acts import answering, write_down
from core.turns.ideas import short, story
from core.turns.seats import Seat, answered_for, queue_of
from core.turns.turn import Scene, Turn, go, stay

WORDS = Prompt("reason", PromptKind.TEXT, Localised.of("Reason"))
FEWEST_WORDS, SHORTEST_REASON = 3, 12

SeatOn = Callable[[Scene, Idea], Seat | None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ideas that may still take it, and the seat in which it is done; those that have `gone` on meanwhile."""

    seat: Seat
    ideas: tuple[Idea, ...]
    gone: tuple[Idea, ...] = ()

    @property
    def in_order(self) -> list[Idea]:
        """As they are written: two officers who write into the same stories mustn’t wait for one another in a ring."""
        return sorted(self.ideas, key=lambda idea: idea.code)

    @property
    def code(self) -> str:
        return self.ideas[0].code

    @property
    def asked(self) -> tuple[str, ...]:
        """The codes of all, so that in the end those that have gone on are named too."""
        return tuple(idea.code for idea in (*self.ideas, *self.gone))


def choose(
    scene: Scene, kind: EntryKind, codes: Sequence[str], seat_on: SeatOn = answering, body: str | None = None
) -> Chosen | Turn:
    """Those of them that are open to this officer, all for the same body (the one named, where one is); or why none
    is. Its turn leaves whatever was going on."""
    known = {idea.code: idea for idea in (*scene.ideas, *((scene.idea,) if scene.idea else ()))}
    asked = [known[code] for code in dict.fromkeys(codes) if code in known]
    if not asked:
        return story(scene)
    seat, ready, gone = None, list[Idea](), list[Idea]()
    for idea in asked:
        found = seat_on(scene, idea) if may_follow(idea.standing, kind) else None
        if found and found.body == (found.body if body is None else body) and found == (seat or found):
            seat = found
            ready.append(idea)
        else:
            gone.append(idea)
    if seat is None:
        return leave(scene, no_longer_open(scene, gone) if len(gone) > 1 else closed_to_them(scene, gone[0]))
    return Chosen(seat, tuple(ready), tuple(gone))


def codes_meant(scene: Scene, kind: EntryKind, code: str) -> tuple[str, ...]:
    """All that are being decided together, where this is one of them; else this one."""
    match scene.session.step:
        case Deciding(entry, codes) if entry == kind.value and code in codes:
            return codes
        case Picking(_, "alike", _, picked) if code in picked:
            return picked
        case _:
            return (code,)


def leave(scene: Scene, *says: Say) -> Turn:
    """An answer that ends picking and deciding; anything else goes on waiting."""
    ends = isinstance(scene.session.step, Picking | Deciding)
    return Turn(Session() if ends else scene.session, says)


# --- refusals
def closed_to_them(scene: Scene, idea: Idea) -> Say:
    """Why they can't do that about it: it has gone on, nobody has it, or somebody else does."""
    now, theirs = idea.standing, answered_for(scene.bodies, scene.offices)
    if any(slug in theirs for entry in idea.story for slug in (entry.body, entry.next)) or now.with_body is None:
        return no_longer_open(scene, [idea])
    words = T("Idea {code} is with {body}. Those who answer for it decide.", code=idea.code, body=holder(scene, idea))
    return say(words, buttons=[[_story(idea)]])


def holder(scene: Scene, idea: Idea) -> Words:
    now = idea.standing
    return scene.bodies.name(now.with_body.body) if now.with_body else T("no body")


def no_longer_open(scene: Scene, gone: Sequence[Idea]) -> Say:
    """What the second of two secretaries reads."""
    if len(gone) == 1:
        entry = last_turn(gone[0])
        reason = spoken(entry)
        return say(
            T("Idea {code} isn’t open for that any more. This came first:", code=gone[0].code),
            T("{time}: {what}", time=entry.at, what=sentence(entry, scene.bodies)),
            T("“{text}”", text=reason) if reason else "",
            buttons=[_onwards(scene, gone[0])],
        )
    return say(
        T("None of them is open for that any more."), _left_alone(scene, gone), buttons=[_onwards(scene, gone[0])]
    )


def last_turn(idea: Idea) -> Entry:
    """The last entry that changed where it stands."""
    changes = ((entry, effect(entry)) for entry in reversed(idea.story))
    return next((e for e, does in changes if does.stage or does.ends or does.is_hidden is not None), idea.story[-1])


def _left_alone(scene: Scene, gone: Sequence[Idea]) -> Words:
    left = (
        T("{code} stays as it was: {what}", code=idea.code, what=sentence(last_turn(idea), scene.bodies))
        for idea in gone
    )
    return Lines(tuple(left))


# --- reasons
def read_reason(text: str) -> str | Phrase:
    """Words that say something to whoever is told no, or asked; or what is wrong with them."""
    said = read_answer(WORDS, text)
    if isinstance(said, Phrase):
        return said
    reason = str(said)
    if len(reason.split()) < FEWEST_WORDS or len(reason) < SHORTEST_REASON:
        return T(
            "Somebody will read this to understand it. Please say it in a sentence: "
            "{words} words and {letters} letters at the least.",
            words=FEWEST_WORDS,
            letters=SHORTEST_REASON,
        )
    return reason


def ask_for_words(chosen: Chosen, kind: EntryKind, *words: Words, rule: str = "", text: str = "") -> Turn:
    """Waits for them. `text`: what was said before, where two things are asked."""
    step = Deciding(kind.value, chosen.asked, chosen.seat.body, rule, text)
    return go(step, say(*words, buttons=[way_out(step)]))


def way_out(step: Deciding) -> list[Button]:
    """Back to where it was begun."""
    code, kind = step.codes[0] if step.codes else "", EntryKind(step.entry)
    if kind in _OF_MODERATION:
        return [Button(T("Never mind"), action("moderate", code))]
    if len(step.codes) > 1 and step.body:
        return [Button(T("Never mind"), action("queue", step.body))]
    back = "story" if kind in _OF_STORIES else "consider"
    return [Button(T("Never mind"), action(back, code))]


_OF_MODERATION = frozenset({EntryKind.HIDDEN, EntryKind.REDACTED})
_OF_STORIES = frozenset({EntryKind.ADOPTED, EntryKind.CARRIED_OUT, EntryKind.NOT_CARRIED_OUT, EntryKind.SENT})


def about(ideas: Sequence[Idea]) -> Words:
    """What is being decided upon, in short."""
    if len(ideas) == 1:
        return T("About “{text}”:", text=short(ideas[0].text)) if ideas[0].text else ""
    return TN("About {count} idea:", "About {count} ideas together:", len(ideas))


# --- what is written, and told back
def looked_at(scene: Scene, chosen: Chosen) -> list[Event]:
    """That the body has seen them, where it hadn’t yet: from then on their authors can’t change the words that are
    being decided upon."""
    seen = Entry(EntryKind.SEEN, scene.now, body=chosen.seat.body, by=chosen.seat.by)
    unseen = [idea for idea in chosen.ideas if (now := idea.standing.with_body) and not now.seen]
    return [event for idea in unseen for event in write_down(scene, idea, seen)]


def settled(scene: Scene, chosen: Chosen, entry: Entry) -> Turn:
    """The entry in each story, and one message about it."""
    events = [event for idea in chosen.in_order for event in write_down(scene, idea, entry)]
    return go(IDLE, told_back(scene, chosen, entry)).with_events(*events)


def told_back(scene: Scene, chosen: Chosen, entry: Entry, *more: list[Button]) -> Say:
    ideas, said = chosen.ideas, spoken(entry)
    words: list[Words] = [sentence(entry, scene.bodies), *([T("“{text}”", text=said)] if said else [])]
    if len(ideas) == 1:
        opening, title = about(ideas), T("Idea {code}", code=ideas[0].code)
    else:
        opening, title = TN("Written into {count} story:", "Written into {count} stories:", len(ideas)), None
        words.append(Lines(tuple(T("{code}: “{text}”", code=idea.code, text=short(idea.text)) for idea in ideas)))
    if chosen.gone:
        words.append(_left_alone(scene, chosen.gone))
    return say(opening, *words, title=title, buttons=[*more, _onwards(scene, ideas[0], is_alone=len(ideas) == 1)])


def _onwards(scene: Scene, idea: Idea, *, is_alone: bool = True) -> list[Button]:
    is_queued = queue_of(idea, scene.bodies, scene.offices)
    following = [Button(T("Next one"), action("later", idea.code), tone=Tone.PRIMARY)] if is_queued else []
    return [*following, *([_story(idea)] if is_alone else [])]


def _story(idea: Idea) -> Button:
    return Button(T("Its story"), action("story", idea.code))


def put_off(scene: Scene, step: Deciding, problem: Words) -> Turn:
    """The words won’t do: asks again."""
    return stay(scene, say(problem, buttons=[way_out(step)]))
