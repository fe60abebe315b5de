"""The form's life in Slack: opened by a press, rebuilt as answers bring prompts about, checked when it is sent off."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.forms import Forms, Reading, as_given, read, shown_in
from bots.slack.lookup import Lookup
from bots.slack.payload import dig, identity, sender, team
from bots.slack.reading import Form, read_form, read_submission
from bots.slack.web_api import error_of
from bots.slack.writing import Block
from core.actions import read_action
from core.consultations import Consultation
from core.inbound import Inbound, Pressed, Submitted
from core.members import Address
from core.prompts import Answers
from core.texts import Phrase, T, Texts
from core.turns.forms import CONSENT

Take = Callable[[Inbound], Awaitable[object]]
Speak = Callable[[AsyncWebClient, Address], Awaitable[str]]
"""The language of somebody."""

CLOSES = ""
"""The answer to a form that was taken in: it closes."""


class Modals:
    def __init__(self, take: Take, lookup: Lookup, texts: Texts, now: Callable[[], datetime], speak: Speak) -> None:
        self._take, self._lookup, self._texts, self._now, self._speak = take, lookup, texts, now, speak

    async def opens(self, inbound: Inbound, payload: object, client: AsyncWebClient) -> bool:
        """Opens the form that the press asks for; False where it asks for none, or there is none to answer now."""
        action = read_action(inbound.deed.action) if isinstance(inbound.deed, Pressed) else None
        if action is None or action.verb != "begin":
            return False
        consultation = await self._lookup.consultation(action.first)
        if consultation is None or not consultation.is_open(self._now()):
            return False
        forms, earlier = await self._forms(consultation, inbound.sender, client)
        member = await self._lookup.member_at(inbound.sender)
        view = forms.view(
            as_given(consultation, earlier),
            chat=None if inbound.place.private else inbound.place.chat,
            direct=_direct(payload),
            asks_consent=member is None or not member.has_consented,
        )
        await client.views_open(trigger_id=str(dig(payload, "trigger_id")), view=view)
        return True

    async def follow(self, payload: object, client: AsyncWebClient) -> None:
        """Something was picked: other prompts may be asked now. Slack keeps what stands in the fields that stay."""
        view = dig(payload, "view")
        form, who = read_form(view), sender(payload)
        consultation = await self._lookup.consultation(form.consultation) if form else None
        if form is None or who is None or consultation is None:
            return
        forms, earlier = await self._forms(consultation, who, client)
        if _asked(read(consultation, form.values, earlier)) == shown_in(view) - {CONSENT}:
            return
        try:
            await client.views_update(
                view_id=str(dig(view, "id")), hash=str(dig(view, "hash")), view=_rebuilt(forms, form, payload)
            )
        except SlackApiError as error:
            if error_of(error) not in ("hash_conflict", "not_found"):  # changed or closed meanwhile: all is well
                raise

    async def submit(self, payload: object, client: AsyncWebClient) -> str | dict[str, Any]:
        """What Slack is to do with the form: close it, show what is wrong, or show the questions that came up."""
        inbound, form = read_submission(payload, self._now()), read_form(dig(payload, "view"))
        consultation = await self._lookup.consultation(form.consultation) if form else None
        if inbound is None or form is None or consultation is None:
            return CLOSES
        forms, earlier = await self._forms(consultation, inbound.sender, client)
        shown = shown_in(dig(payload, "view"))
        read_ = read(consultation, form.values, earlier)
        problems, values = dict(read_.problems), dict(read_.values)
        if CONSENT in shown:
            values |= {CONSENT: form.values[CONSENT]} if CONSENT in form.values else {}
            problems |= {} if CONSENT in values else {CONSENT: T("I can only keep your answers if you agree.")}
        is_open = consultation.is_open(self._now())
        if is_open and not _asked(read_) <= shown:
            # Slack says nothing of what is being typed, so numbers and words bring prompts about only now.
            return {"response_action": "update", "view": _rebuilt(forms, form, payload)}
        if not problems or not is_open:
            submitted = replace(inbound, deed=Submitted(consultation.slug, values))
            problems = dict(_problems(await self._take(submitted)))
        errors = {id: words for id, words in forms.errors(problems).items() if id.partition("/")[0] in shown}
        if problems and not errors:
            return {"response_action": "update", "view": forms.notice(next(iter(problems.values())))}
        return {"response_action": "errors", "errors": errors} if errors else CLOSES

    async def _forms(self, consultation: Consultation, who: Address, client: AsyncWebClient) -> tuple[Forms, Answers]:
        earlier = await self._lookup.answers_at(who, consultation.slug)
        return Forms(consultation, earlier, self._texts, await self._speak(client, who)), earlier


def _asked(read_: Reading) -> frozenset[str]:
    return frozenset(prompt.key for prompt in read_.asked)


def _rebuilt(forms: Forms, form: Form, payload: object) -> Block:
    asks_consent = CONSENT in shown_in(dig(payload, "view"))
    return forms.view(form.values, chat=form.chat, direct=_direct(payload), asks_consent=asks_consent)


def _problems(taken: object) -> Mapping[str, Phrase]:
    """What the conversation itself found wrong, of a turn that did nothing else."""
    problems = getattr(taken, "problems", None)
    return problems if isinstance(problems, Mapping) else {}


def _direct(payload: object) -> str:
    app, whose = identity(dig(payload, "api_app_id")), team(payload)
    return f"https://slack.com/app_redirect?app={app}&team={whose}"
