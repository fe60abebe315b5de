"""Telling: what each kind of entry says, in chat and on a page alike. Said here, once."""

from core.bodies import Bodies
from core.members import Role
from core.standings import Stage
from core.stories import Entry, EntryKind, Rule
from core.texts import TN, Fill, N, Phrase, T

HEADINGS: dict[EntryKind, Phrase] = {
    EntryKind.SAID: T("Said"),
    EntryKind.CONFIRMED: T("Put forward"),
    EntryKind.ACKNOWLEDGED: T("Received"),
    EntryKind.EDITED: T("Reworded"),
    EntryKind.REPLIED: T("Author’s reply"),
    EntryKind.APPEALED: T("Appealed"),
    EntryKind.OBJECTED: T("Objected"),
    EntryKind.CONTESTED: T("Hiding appealed"),
    EntryKind.WITHDRAWN: T("Withdrawn"),
    EntryKind.HEARD: T("Were you heard?"),
    EntryKind.SENT: T("Sent on"),
    EntryKind.SILENT: T("No answer in time"),
    EntryKind.MOVED: T("Moved on"),
    EntryKind.CLOSED: T("Story ended"),
    EntryKind.ERASED: T("Erased"),
    EntryKind.SEEN: T("Seen"),
    EntryKind.CONSIDERED: T("Considered"),
    EntryKind.ASKED: T("Author asked"),
    EntryKind.ACCEPTED: T("Accepted"),
    EntryKind.DECLINED: T("Declined"),
    EntryKind.PASSED: T("Passed on"),
    EntryKind.NOT_OURS: T("Not their matter"),
    EntryKind.ADOPTED: T("Adopted"),
    EntryKind.CARRIED_OUT: T("Carried out"),
    EntryKind.NOT_CARRIED_OUT: T("Not carried out"),
    EntryKind.COMPOSED: T("Composed"),
    EntryKind.JOINED: T("Joined"),
    EntryKind.LEFT: T("Left"),
    EntryKind.MERGED: T("Merged"),
    EntryKind.SEPARATED: T("By itself again"),
    EntryKind.UNDONE: T("Taken apart"),
    EntryKind.HIDDEN: T("Hidden"),
    EntryKind.RESTORED: T("Shown again"),
    EntryKind.UPHELD: T("Stays hidden"),
    EntryKind.REDACTED: T("Partly blacked out"),
}

STAGES: dict[Stage, Phrase] = {
    Stage.BEGUN: T("said"),
    Stage.RECEIVED: T("received"),
    Stage.WAITING: T("waits for an answer"),
    Stage.ACCEPTED: T("accepted"),
    Stage.DECLINED: T("declined"),
    Stage.MERGED: T("merged with others"),
    Stage.ADOPTED: T("adopted"),
    Stage.CARRIED_OUT: T("carried out"),
    Stage.NOT_CARRIED_OUT: T("not carried out"),
    Stage.WITHDRAWN: T("withdrawn by its author"),
    Stage.UNDONE: T("taken apart again"),
    Stage.CLOSED: T("ended"),
    Stage.ERASED: T("erased at its author’s request"),
}

ROLES: dict[Role, Phrase] = {
    Role.MEMBER: T("member"),
    Role.FACILITATOR: T("facilitator"),
    Role.SECRETARY: T("secretary"),
    Role.ORGANISER: T("organiser"),
    Role.REPRESENTATIVE: T("representative"),
}

RULES: dict[Rule, Phrase] = {
    Rule.ABUSE: T("no abuse of anybody"),
    Rule.PERSONAL_DATA: T("nobody’s personal data"),
    Rule.UNLAWFUL: T("nothing unlawful"),
    Rule.ADVERTISING: T("no advertising"),
}


def sentence(entry: Entry, bodies: Bodies) -> Phrase:
    """What happened, without the words that were said with it: those are `spoken(entry)`."""
    kind = entry.kind
    if kind is EntryKind.SILENT:
        return _silence(entry, bodies)
    has_next = entry.next is not None
    if (kind, has_next) in _WITH_NEXT:
        chosen = _WITH_NEXT[kind, has_next]
    elif kind is EntryKind.MOVED and entry.rule:
        chosen = N("{body} no longer exists. Somebody else will judge the appeal.")
    else:
        chosen = _SENTENCES[kind]
    return Phrase(chosen, tuple(_fills(entry, bodies).items()))


def left(days: int) -> Phrase:
    """Days that are left to answer: 0 on the last of them, less once the time is over."""
    if days < 0:
        return TN("{count} day late", "{count} days late", -days)
    return TN("{count} day left", "{count} days left", days) if days else T("due today")


def spoken(entry: Entry) -> str | None:
    """What was said with it by whoever decided or asked, or by the author; not how the idea reads."""
    return entry.reason or (entry.text if entry.kind in _SPOKEN else None)


_NAMED = ("body", "office", "next", "day", "other", "score", "rule")
_SPOKEN = frozenset({EntryKind.REPLIED, EntryKind.APPEALED, EntryKind.OBJECTED, EntryKind.CONTESTED, EntryKind.HEARD})


def _fills(entry: Entry, bodies: Bodies) -> dict[str, Fill]:
    fills: dict[str, Fill] = dict.fromkeys(_NAMED, "–")
    if entry.body:
        fills["body"] = bodies.name(entry.body)
    if entry.by:
        fills["office"] = ROLES[entry.by]
    if entry.next:
        fills["next"] = bodies.name(entry.next)
        fills["day"] = bodies.calendar(entry.next).last_day(entry.at, entry.days or 0)
    if entry.on:
        fills["day"] = entry.on
    if entry.rule:
        fills["rule"] = RULES[entry.rule]
    return fills | {"other": entry.other or "–", "score": entry.score or "–"}


def _silence(entry: Entry, bodies: Bodies) -> Phrase:
    body = entry.body or ""
    if entry.rule:
        return T("{body} didn’t judge the appeal in time.", body=bodies.name(body))
    above = bodies.above(body)
    if above:
        return T("{body} didn’t answer in time. {above} has been told.", body=bodies.name(body), above=above[0].name)
    return T("{body} didn’t answer in time.", body=bodies.name(body))


_SENTENCES: dict[EntryKind, str] = {
    EntryKind.SAID: N("Its author said it."),
    EntryKind.CONFIRMED: N("Its author confirmed that it is meant as an idea."),
    EntryKind.ACKNOWLEDGED: N("It was given this receipt and kept."),
    EntryKind.EDITED: N("Its author changed the words. What they said before stays in the story."),
    EntryKind.REPLIED: N("Its author replied."),
    EntryKind.APPEALED: N("Its author appealed. {next} considers it again, by {day}."),
    EntryKind.OBJECTED: N("Its author says that {other} doesn’t say what they meant, and took it out again."),
    EntryKind.CONTESTED: N("Its author appealed against its being hidden."),
    EntryKind.WITHDRAWN: N("Its author took it back."),
    EntryKind.HEARD: N("Its author was asked “Were you heard?” and said {score} of 5."),
    EntryKind.SENT: N("It was sent to {next}, which answers by {day}."),
    EntryKind.CLOSED: N("Its story has ended."),
    EntryKind.ERASED: N("An idea by a former member, erased at their request."),
    EntryKind.SEEN: N("{body} has seen it."),
    EntryKind.CONSIDERED: N("{body} considered it at its meeting of {day}."),
    EntryKind.ASKED: N("{body} asks its author something."),
    EntryKind.ACCEPTED: N("{body} accepted it."),
    EntryKind.DECLINED: N("{body} declined it. Its {office} decided so."),
    EntryKind.PASSED: N("{body} passed it to {next}, which answers by {day}."),
    EntryKind.NOT_OURS: N("{body} says that this isn’t its matter. An organiser will send it on."),
    EntryKind.MOVED: N("{body} no longer exists. An organiser will send it on."),
    EntryKind.ADOPTED: N("{body} adopted it."),
    EntryKind.CARRIED_OUT: N("{body} reports that it was carried out."),
    EntryKind.NOT_CARRIED_OUT: N("{body} reports that it was not carried out."),
    EntryKind.COMPOSED: N("{body} made one text of several ideas that say the same."),
    EntryKind.JOINED: N("{other} is part of it."),
    EntryKind.LEFT: N("{other} is no longer part of it."),
    EntryKind.MERGED: N("{body} merged it with others into {other}."),
    EntryKind.SEPARATED: N("It stands by itself again."),
    EntryKind.UNDONE: N("{body} took it apart again. Each idea stands by itself."),
    EntryKind.HIDDEN: N("Its words are hidden under the rule “{rule}”. An organiser decided so."),
    EntryKind.RESTORED: N("Its words can be read again."),
    EntryKind.UPHELD: N("The appeal was judged: its words stay hidden."),
    EntryKind.REDACTED: N("Words were blacked out under the rule “{rule}”. An organiser decided so."),
}

_WITH_NEXT: dict[tuple[EntryKind, bool], str] = {
    (EntryKind.ACCEPTED, True): N("{body} accepted it. It goes to {next}, which answers by {day}."),
    (EntryKind.NOT_OURS, True): N("{body} says that this isn’t its matter. {next} answers by {day}."),
    (EntryKind.MOVED, True): N("{body} no longer exists. {next} answers by {day}."),
    (EntryKind.SEPARATED, True): N("It stands by itself again. {next} answers by {day}."),
    (EntryKind.OBJECTED, True): N(
        "Its author says that {other} doesn’t say what they meant. It stands by itself again; {next} answers by {day}."
    ),
    (EntryKind.CONTESTED, True): N("Its author appealed against its being hidden. {next} judges it by {day}."),
}
