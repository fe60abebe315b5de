"""A body’s queue: what waits for it, the longest waiting first, and one idea at a time."""

from datetime import datetime

from core.actions import Action, action
from core.ideas import Idea
from core.outbound import Button, Say, Tone, say
from core.queues import Queue
from core.standings import Referral, Standing, may_follow
from core.stories import EntryKind
from core.telling import RULES, sentence, spoken
from core.texts import TN, Lines, T, Words
from core.turns.acting import Chosen, closed_to_them, leave, looked_at
from core.turns.acts import answering
from core.turns.ideas import short, story, supported
from core.turns.seats import Seat, answered_for, is_late, judges, time_left
from core.turns.turn import Scene, Turn

MOST_SHOWN, MOST_PARTS = 6, 20


def queue(scene: Scene, act: Action) -> Turn:
    theirs = answered_for(scene.bodies, scene.offices)
    if refused := not_theirs(scene, act.first, "queue"):
        return refused
    body = scene.body
    if body is None:
        return leave(scene, _whose(scene, theirs, "queue"))
    return leave(scene, _queue(scene, body.slug, body.name))


def not_theirs(scene: Scene, typed: str, verb: str) -> Turn | None:
    """A refusal where the body that was named isn’t one that they answer for."""
    theirs = answered_for(scene.bodies, scene.offices)
    if not theirs:
        mine = T("You don’t answer for any body, so nothing waits for you here.")
        rows = [[Button(T("Ideas that nobody has"), action("astray"))]] if scene.authority.organises_all else []
        return leave(scene, say(mine, buttons=[*rows, [Button(T("My ideas"), action("mine"))]]))
    if scene.body and scene.body.slug not in theirs:
        return leave(scene, _whose(scene, theirs, verb, T("You don’t answer for {body}.", body=scene.body.name)))
    if scene.body is None and typed and not typed[0].isdigit():
        return leave(scene, _whose(scene, theirs, verb, T("I know no body called “{slug}”.", slug=short(typed))))
    return None


def _whose(scene: Scene, theirs: tuple[str, ...], verb: str, problem: Words = "") -> Say:
    rows = [[Button(scene.bodies.name(slug), action(verb, slug))] for slug in theirs]
    return say(problem, T("For which body?"), buttons=rows)


def choose_body(scene: Scene, verb: str) -> Turn:
    return leave(scene, _whose(scene, answered_for(scene.bodies, scene.offices), verb))


def _queue(scene: Scene, slug: str, name: Words) -> Say:
    ideas = scene.queue.ideas
    if not ideas:
        return say(
            T("Nothing waits for {body}.", body=name),
            buttons=[[Button(T("Look again"), action("queue", slug))]],
        )
    contested = [idea for idea in ideas if _contest_before(scene, idea)]
    own = [idea for idea in ideas if idea not in contested and _with(idea, slug)]
    below = [idea for idea in ideas if idea not in contested and not _with(idea, slug)]
    count, late = scene.queue.count - len(below), sum(_is_late(scene, idea) for idea in (*contested, *own))
    waits = TN("{count} idea waits for an answer.", "{count} ideas wait for an answer.", count)
    lines = [_line(scene, idea, slug) for idea in (*contested, *own)[:MOST_SHOWN]]
    lines_below = [_line(scene, idea, slug) for idea in below[:MOST_SHOWN]]
    shown = [*(*contested, *own)[:MOST_SHOWN], *below[:MOST_SHOWN]]
    buttons = [Button(idea.code, action("consider", idea.code)) for idea in shown] if len(shown) > 1 else []
    return say(
        waits if count else T("Nothing waits for {body}.", body=name),
        TN("{count} of them is late.", "{count} of them are late.", late) if late else "",
        Lines(tuple(lines)) if lines else "",
        T("Late with a body below you, so you may answer:") if lines_below else "",
        Lines(tuple(lines_below)) if lines_below else "",
        title=name,
        buttons=[
            [
                Button(
                    T("Answer them") if buttons else T("Answer it"),
                    action("consider", shown[0].code),
                    tone=Tone.PRIMARY,
                )
            ],
            *(buttons[start : start + 2] for start in range(0, len(buttons), 2)),
        ],
    )


def _line(scene: Scene, idea: Idea, slug: str) -> Words:
    code, now, contest = idea.code, idea.standing, _contest_before(scene, idea)
    referral = contest or now.with_body
    left = time_left(scene, referral) if referral else ""
    if contest:
        return T("{code} (appeal against hiding, {left})", code=code, left=left)
    if now.is_hidden:
        return T("{code}: its words are hidden ({left})", code=code, left=left)
    if referral and referral.body != slug:
        whose = scene.bodies.name(referral.body)
        return T("{code}: “{text}” ({body}, {left})", code=code, text=short(idea.text), body=whose, left=left)
    return T("{code}: “{text}” ({left})", code=code, text=short(idea.text), left=left)


def _contest_before(scene: Scene, idea: Idea) -> Referral | None:
    """The appeal against its being hidden, where they judge it."""
    return idea.standing.contest if judges(scene, idea) else None


def _with(idea: Idea, slug: str) -> bool:
    now = idea.standing
    return now.with_body is not None and now.with_body.body == slug


def _is_late(scene: Scene, idea: Idea) -> bool:
    referral = _contest_before(scene, idea) or idea.standing.with_body
    return referral is not None and is_late(scene, referral)


# --- one at a time
def following(waiting: Queue, idea: Idea, slug: str) -> Idea:
    """The one that came after it, of a queue that isn’t empty; the first again after the last."""
    codes = [one.code for one in waiting.ideas]
    if idea.code in codes:
        return waiting.ideas[(codes.index(idea.code) + 1) % len(codes)]
    came = next((entry.at for entry in reversed(idea.story) if entry.next and entry.body != slug), idea.said_at)
    return next((one for one in waiting.ideas if _came(one) >= came), waiting.ideas[0])


def _came(idea: Idea) -> datetime:
    now = idea.standing
    return min((referral.since for referral in (now.with_body, now.contest) if referral), default=idea.said_at)


def later(scene: Scene, act: Action) -> Turn:
    """The one after it, which `core.gathering` has put in the scene; the first again after the last."""
    if scene.idea is None:
        return story(scene)
    if scene.queue.count:
        return _look(scene, scene.idea)
    if scene.body is None:
        return leave(scene, say(T("Nothing else waits for you.")))
    return leave(scene, _queue(scene, scene.body.slug, scene.body.name))


def consider(scene: Scene, _: Action) -> Turn:
    return _look(scene, scene.idea) if scene.idea else story(scene)


def _look(scene: Scene, idea: Idea) -> Turn:
    """The first look of an officer is part of its story."""
    seat, judge = answering(scene, idea), judges(scene, idea)
    if seat is None and judge is None:
        return leave(scene, closed_to_them(scene, idea))
    turn = leave(scene, _shown(scene, idea, seat, judge))
    return turn.with_events(*looked_at(scene, Chosen(seat, (idea,)))) if seat else turn


def _shown(scene: Scene, idea: Idea, seat: Seat | None, judge: Seat | None) -> Say:
    now = idea.standing
    referral = now.contest if judge else now.with_body
    hidden = (
        T("Its words are hidden under the rule “{rule}”. You may read them:", rule=RULES[now.rule]) if now.rule else ""
    )
    text = T("“{text}”", text=idea.text) if idea.text else T("Its words were erased.")
    rows = _rows_of_judge(idea) if judge else []
    return say(
        hidden,
        text,
        _made_of(scene, idea),
        Lines(tuple(_from(scene, idea, referral))),
        *_said_between(scene, idea, referral),
        title=T("Idea {code}: {left}", code=idea.code, left=time_left(scene, referral)) if referral else None,
        buttons=[*rows, *(_rows(idea, now) if seat else []), *_last_row(scene, idea)],
    )


def _made_of(scene: Scene, idea: Idea) -> Words:
    parts = [part for part in scene.ideas if part.standing.part_of == idea.code]
    lines = [T("Made of:"), *(T("{code}: “{text}”", code=part.code, text=short(part.text)) for part in parts)]
    return Lines(tuple(lines[: MOST_PARTS + 1])) if parts else ""


def _from(scene: Scene, idea: Idea, referral: Referral | None) -> list[Words]:
    about = [T("From “{title}”", title=scene.consultation.title)] if scene.consultation and idea.consultation else []
    how = list[Words]()
    if referral:
        brought = idea.story[referral.number - 1]
        line = T("{time}: {what}", time=brought.at, what=sentence(brought, scene.bodies))
        reason = None if referral.is_appeal else spoken(brought)
        how = [T("{line} “{words}”", line=line, words=reason) if reason else line]
    return [*about, *([supported(scene)] if scene.supporters else []), *how]


def _said_between(scene: Scene, idea: Idea, referral: Referral | None) -> list[Words]:
    """The appeal, with the refusal that it is against; the question asked of its author, and what they replied."""
    now, words = idea.standing, list[Words]()
    last = {entry.kind: entry for entry in idea.story}
    if referral and referral.is_appeal:
        refusal = last.get(EntryKind.HIDDEN if referral == now.contest else EntryKind.DECLINED)
        appeal = spoken(idea.story[referral.number - 1])
        if refusal and refusal.reason:
            words.append(T("The reason given then: “{text}”", text=refusal.reason))
        words.append(
            T("The author’s appeal: “{text}”", text=appeal) if appeal else T("The author appeals without words.")
        )
    asked, replied = last.get(EntryKind.ASKED), last.get(EntryKind.REPLIED)
    if asked and asked.reason:
        words.append(T("{body} asked: “{text}”", body=scene.bodies.name(asked.body or ""), text=asked.reason))
        said = replied.text if replied and not now.has_asked else None
        words.append(T("The author replied: “{text}”", text=said) if said else T("The author hasn’t replied yet."))
    return words


def _rows(idea: Idea, now: Standing) -> list[list[Button]]:
    code = idea.code
    rows = [
        [
            Button(T("Accept"), action("accept", code), tone=Tone.PRIMARY),
            Button(T("Decline"), action("decline", code)),
        ],
        [Button(T("Ask the author"), action("question", code))] if idea.author is not None else [],
        [Button(T("Pass on"), action("pass", code)), Button(T("Not ours"), action("notours", code))],
        [Button(T("Answer alike ones together"), action("alike", code))],
        [Button(T("Merge with others"), action("merge", code))],
    ]
    if idea.is_composite and may_follow(now, EntryKind.UNDONE):
        rows.append([Button(T("Take it apart again"), action("undo", code))])
    return rows


def _rows_of_judge(idea: Idea) -> list[list[Button]]:
    return [
        [
            Button(T("Show its words again"), action("restore", idea.code)),
            Button(T("They stay hidden"), action("uphold", idea.code)),
        ]
    ]


def _last_row(scene: Scene, idea: Idea) -> list[list[Button]]:
    return [[Button(T("Its story"), action("story", idea.code)), Button(T("Later"), action("later", idea.code))]]
