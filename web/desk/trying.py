"""Trying a consultation out: talking it through as a member would, on a screen like theirs, with a clock that jumps.

The page carries the script; each posting adds a step to it and has the whole of it played again.
"""

from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bots.slack.forms import AGREEING, Forms, as_given
from bots.webchat.reading import clean, read_timezone
from core.actions import read_action
from core.consultations import Consultation
from core.flows.problems import show_problem
from core.inbound import LONGEST_TEXT
from core.numerals import read_whole
from core.prompts import PromptKind
from core.rehearsals import (
    LAST_LINE,
    LONGEST_ACTION,
    MOST_FIELDS,
    Given,
    Heard,
    Jump,
    Line,
    NotSent,
    Opens,
    Passed,
    Presses,
    Rehearsed,
    Says,
    Script,
    SentForm,
    Step,
    Submits,
    Typed,
    Waits,
    read_script,
    write_script,
)
from core.texts import Phrase, T
from core.turns.watching import REASONS
from web.desk.consultations import PHASES
from web.desk.desk import At, Desk
from web.desk.progress import NUDGES
from web.desk.screens import CHANNELS, Bubble, Channel, FormSeen, form_seen, seen_in
from web.desk.tried import Tried, Tries
from web.routes import Routes

BOT_NAME = "folkmoot_bot"
FIELD = "field:"
"""Begins the names of a form's fields."""

JUMPS: dict[Jump, Phrase] = {
    Jump.HOUR: T("An hour later"),
    Jump.MORNING: T("The next morning"),
    Jump.DAY: T("A day later"),
    Jump.THREE_DAYS: T("Three days later"),
    Jump.WEEK: T("A week later"),
    Jump.CLOSING: T("Just before it closes"),
    Jump.AFTER: T("A day after it closed"),
    Jump.OUTCOME: T("A day after the outcome"),
}
WHYS = REASONS | {
    "not in the audience": T("is not in the audience"),
    "quiet hours": T("quiet hours"),
}
ELSEWHERE = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
"""Zones to try besides the consultation's own."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the screen shows it; `number` is what its buttons hang on."""

    line: Line
    kind: str
    number: int = 0
    bubbles: tuple[Bubble, ...] = ()


class Trying:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._tries = desk, Tries(desk)

    def routes(self) -> Routes:
        routes = Routes()
        for address in self._tries.addresses("try"):
            routes.page(address, self.show)
            routes.post(address, self.act)
        return routes

    async def show(self, request: Request, slug: str = "", draft: int = 0) -> Response:
        here = await self._desk.organiser(request)
        tried = await self._tries.find(here, slug, draft)
        channel = _channel(request.query_params.get("channel"))
        return await self._answer(request, here, tried, self._script(here, tried), channel)

    async def act(self, request: Request, slug: str = "", draft: int = 0) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        tried = await self._tries.find(here, slug, draft)
        channel = _channel(form.get("screen") or form.get("channel"))
        found = read_script(str(form.get("script", "")))
        script = found and self._put_right(found)
        if script is None or "again" in form:
            script = self._script(here, tried, script)
        elif tried.consultation is not None:
            script = self._next(form, script, channel, tried.consultation)
        return await self._answer(request, here, tried, script, channel)

    # --- the script
    def _script(self, here: At, tried: Tried, like: Script | None = None) -> Script:
        """From the start; in the language and zone of the one before."""
        now = self._desk.parts.clock.now().replace(second=0, microsecond=0)
        if like is not None:
            return replace(like, begins_at=now, steps=())
        spoken = [code for code, _ in tried.consultation.title.texts] if tried.consultation else []
        language = here.reader.language if here.reader.language in spoken or not spoken else spoken[0]
        return self._put_right(Script(now, language=language))

    def _put_right(self, script: Script) -> Script:
        language = self._desk.parts.texts.language_for(script.language)
        return replace(script, language=language, timezone=read_timezone(script.timezone))

    def _next(self, form: FormData, script: Script, channel: Channel, consultation: Consultation) -> Script:
        if "back" in form:
            return replace(script, steps=script.steps[:-1])
        if "settings" in form:
            language, zone = str(form.get("language", "")), str(form.get("timezone", ""))
            changed = replace(script, language=language, timezone=zone, is_newcomer="newcomer" in form)
            return self._put_right(changed)
        step = _step(form, channel, consultation)
        return script.then(step) if step is not None and not script.is_full else script

    # --- the page
    async def _answer(self, request: Request, here: At, tried: Tried, script: Script, channel: Channel) -> Response:
        values: dict[str, Any] = {
            "tried": tried,
            "channel": channel,
            "channels": CHANNELS,
            "rehearsed": None,
            "show_problem": show_problem,
        }
        if tried.consultation is not None:
            values |= await self._play(here, tried.consultation, script, channel)
        is_piece = "hx-request" in request.headers or "pane" in request.query_params
        if is_piece:
            return self._desk.fragment("desk/try_inside.html", here, **values)
        return self._desk.show(request, "desk/try.html", here, part="consultations", **values)

    async def _play(self, here: At, consultation: Consultation, script: Script, channel: Channel) -> dict[str, Any]:
        rehearsed = await self._desk.own.rehearse(consultation, script)
        lines = [_shown(line, channel) for line in rehearsed.lines]
        zones = dict.fromkeys((rehearsed.timezone, consultation.timezone, *ELSEWHERE))
        return {
            "rehearsed": rehearsed,
            "lines": lines,
            "form": self._form(rehearsed, script),
            "script": script,
            "written": write_script(script),
            "jumps": [(jump, JUMPS[jump]) for jump in rehearsed.jumps],
            "jumped": JUMPS,
            "nudges": NUDGES,
            "whys": WHYS,
            "phase": PHASES[rehearsed.consultation.phase(rehearsed.now)],
            "zones": list(zones),
            "longest": LONGEST_TEXT,
            "clock": replace(here.reader, zone=rehearsed.timezone),
        }

    def _form(self, rehearsed: Rehearsed, script: Script) -> FormSeen | None:
        """As Slack would show it."""
        if rehearsed.form is None:
            return None
        forms = Forms(rehearsed.consultation, rehearsed.answers, self._desk.parts.texts, script.language)
        values = rehearsed.form.values or as_given(rehearsed.consultation, rehearsed.answers)
        view = forms.view(values, chat=None, direct="", asks_consent=not rehearsed.has_agreed)
        return form_seen(view, forms.errors(rehearsed.form.problems))


# --- reading what was posted
def _channel(name: object) -> Channel:
    return Channel(str(name)) if name in list(Channel) else Channel.TELEGRAM


def _step(form: FormData, channel: Channel, consultation: Consultation) -> Step | None:
    if (jump := form.get("jump")) in list(Jump):
        return Waits(Jump(str(jump)))
    if "submit" in form:
        return _submitted(form, consultation)
    number, _, data = str(form.get("press", "")).partition(" ")
    if data and (line := read_whole(number, LAST_LINE)) is not None:
        action = read_action(data[:LONGEST_ACTION])
        if channel is Channel.SLACK and action and (action.verb, action.first) == ("begin", consultation.slug):
            return Opens()
        return Presses(data[:LONGEST_ACTION], line)
    words = clean(str(form.get("text", "")))
    return Says(words) if words else None


def _submitted(form: FormData, consultation: Consultation) -> Submits:
    """The places of a ranking are fields of their own: `best/1`, `best/2`."""
    given: dict[str, Given] = {}
    for prompt in (*consultation.prompts, AGREEING):
        several = [clean(str(one)) for one in form.getlist(FIELD + prompt.key)][:MOST_FIELDS]
        if prompt.kind is PromptKind.RANK:
            places = range(1, prompt.picks[1] + 1)
            several = [clean(str(form.get(f"{FIELD}{prompt.key}/{place}", ""))) for place in places]
        kept = [one for one in several if one]
        if kept:
            given[prompt.key] = tuple(kept) if prompt.kind in (PromptKind.MANY, PromptKind.RANK) else kept[0]
    shown = [clean(str(one)) for one in form.getlist("shown")][:MOST_FIELDS]
    return Submits(given, tuple(shown))


# --- showing it
def _shown(line: Line, channel: Channel) -> Shown:
    match line:
        case Typed():
            return Shown(line, "typed")
        case Heard(number, _, message):
            return Shown(line, "heard", number, tuple(seen_in(channel, message, BOT_NAME)))
        case Passed():
            return Shown(line, "passed")
        case SentForm():
            return Shown(line, "form")
        case NotSent():
            return Shown(line, "not-sent")
