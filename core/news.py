"""News: what an idea's author, and those who support it, are told of each step; and whether it may go to them now."""

from datetime import datetime

from core.actions import action
from core.bodies import Bodies
from core.deliveries import Receiver
from core.ideas import Idea
from core.nudges import Manners, Send, Suppress, Verdict, Wait, out_of_quiet
from core.outbound import Button, Say, Tone, say
from core.places import Place
from core.standings import Stage, Standing, may_follow
from core.stories import Entry, EntryKind
from core.telling import sentence, spoken
from core.texts import T, Words
from core.turns.ideas import short

SCORES = range(1, 6)
WEB = "web"


def judge_news(receiver: Receiver | None, to: Place, usual_timezone: str, now: datetime, manners: Manners) -> Verdict:
    """News of one's own idea doesn't count towards the week's budget, but keeps quiet at night; the web chat wakes
    nobody."""
    if receiver is None:
        return Suppress("forgotten")
    if receiver.has_stopped:
        return Suppress("said STOP")
    if receiver.is_gone:
        return Suppress("unreachable")
    if to.account == WEB:
        return Send()
    until = out_of_quiet(now, receiver.timezone or usual_timezone, manners)
    return Send() if until <= now else Wait(until, "quiet hours")


def news(idea: Idea, number: int, bodies: Bodies, other: Idea | None = None, *, to_author: bool) -> Say:
    """Of the entry with that number, as things stand now: a button for what is no longer open isn't shown. `other`: the
    idea that the entry names."""
    entry = idea.story[number - 1]
    if entry.kind is EntryKind.CLOSED:
        return _were_you_heard(idea)
    said = spoken(entry)
    quoted: list[Words] = [T("“{text}”", text=said)] if said else []
    if entry.kind is EntryKind.MERGED and other and other.text and not other.standing.is_hidden:
        quoted.append(T("It says now: “{text}”", text=other.text))
    about = T("About “{text}”:", text=short(idea.text)) if idea.text and not idea.standing.is_hidden else ""
    rows = [[Button(T("Its story"), action("story", idea.code))]]
    if to_author:
        rows += _of_author(idea, entry, idea.standing, bodies)
    return say(about, sentence(entry, bodies), *quoted, title=T("Idea {code}", code=idea.code), buttons=rows)


def _of_author(idea: Idea, entry: Entry, now: Standing, bodies: Bodies) -> list[list[Button]]:
    code = idea.code
    match entry.kind:
        case EntryKind.ASKED if now.has_asked and not idea.is_composite:
            return [[Button(T("Reply"), action("reply", code), tone=Tone.PRIMARY)]]
        case EntryKind.DECLINED if now.stage is Stage.DECLINED and not idea.is_composite:
            return [[Button(T("Appeal"), action("appeal", code))]] if bodies.may_hear(now) else []
        case EntryKind.MERGED if now.part_of == entry.other:
            return [[Button(T("This no longer says what I meant"), action("object", code))]]
        case EntryKind.HIDDEN | EntryKind.UPHELD if may_follow(now, EntryKind.CONTESTED):
            return [[Button(T("Appeal against hiding"), action("contest", code))]]
        case _:
            return []


def _were_you_heard(idea: Idea) -> Say:
    scores = [Button(str(score), action("heard", idea.code, str(score))) for score in SCORES]
    return say(
        T("The story of your idea “{text}” has ended.", text=short(idea.text)),
        T("Were you heard? 1 is not at all, 5 is fully."),
        T("Your answer is published with those of others, without your name."),
        title=T("Idea {code}", code=idea.code),
        buttons=[scores, [Button(T("Its story"), action("story", idea.code))]],
    )
