"""Meetings: a date, the ideas that a body considered on it, and their entries in one go."""

from datetime import date
from zoneinfo import ZoneInfo

from core.actions import Action, action
from core.ideas import Idea
from core.outbound import Button, Tone, say
from core.sessions import IDLE, Picking
from core.stories import Entry, EntryKind
from core.texts import T, Words
from core.turns.acting import Chosen, choose, leave, told_back
from core.turns.acts import write_down
from core.turns.ideas import short
from core.turns.picking import MOST_PICKED, over, picking
from core.turns.queue import choose_body, not_theirs
from core.turns.turn import Scene, Turn, go


def meeting(scene: Scene, act: Action) -> Turn:
    """`/meeting BODY 2026-12-03`; today where no day is named."""
    if refused := not_theirs(scene, act.first, "meeting"):
        return refused
    if scene.body is None:
        return choose_body(scene, "meeting")
    words = act.first.split()
    typed = words[-1] if words and words[-1].casefold() != scene.body.slug else ""
    today = scene.now.astimezone(ZoneInfo(scene.bodies.timezone)).date()
    on = _read_day(typed) if typed else today
    if on is None or on > today:
        return leave(scene, say(_wrong_day(typed, on), T("For example: {example}", example=_example(scene, today))))
    slug = scene.body.slug
    offered = [idea for idea in scene.queue.ideas if _was_there(scene, idea, slug, on)][:MOST_PICKED]
    if not offered:
        none = T("Nothing waits for {body} that could have been considered on {day}.", body=scene.body.name, day=on)
        return leave(scene, say(none, buttons=[[Button(T("What waits"), action("queue", slug))]]))
    codes = tuple(idea.code for idea in offered)
    step = Picking(slug, "meeting", codes, codes, on.isoformat())
    return go(step, picking(step, offered))


def _read_day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _wrong_day(typed: str, on: date | None) -> Words:
    if on is None:
        return T("I can’t read “{text}” as a day. Write the year, the month and the day.", text=short(typed))
    return T("{day} is still to come. Write a meeting down once it has been.", day=on)


def _example(scene: Scene, today: date) -> str:
    return f"/meeting {scene.body.slug if scene.body else ''} {today.isoformat()}"


def _was_there(scene: Scene, idea: Idea, slug: str, on: date) -> bool:
    """By that day it was with the body, whose meeting of that day isn’t in its story yet."""
    referral = idea.standing.with_body
    if referral is None or referral.body != slug:
        return False
    came = referral.since.astimezone(ZoneInfo(scene.bodies.timezone)).date()
    noted = any(e.kind is EntryKind.CONSIDERED and e.body == slug and e.on == on for e in idea.story)
    return came <= on and not noted


def write_down_meeting(scene: Scene, step: Picking) -> Turn:
    on = _read_day(step.on)
    chosen = choose(scene, EntryKind.CONSIDERED, step.picked, body=step.body) if on else over(scene)
    if not isinstance(chosen, Chosen):
        return chosen
    entry = Entry(EntryKind.CONSIDERED, scene.now, body=chosen.seat.body, by=chosen.seat.by, on=on)
    events = [event for idea in chosen.ideas for event in write_down(scene, idea, entry)]
    answer = [
        Button(
            T("Answer them") if len(events) > 1 else T("Answer it"), action("consider", chosen.code), tone=Tone.PRIMARY
        )
    ]
    return go(IDLE, told_back(scene, chosen, entry, answer)).with_events(*events)
