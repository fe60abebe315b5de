"""What is kept about a member, as a file: YAML that a person can read and a machine can, with all times in UTC."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from core.deeds import Noted
from core.flows.writing import dump, scalar
from core.ideas import Attachment, Capture, Idea
from core.kept import Kept, KeptAddress, KeptAnswer, KeptDeliveries
from core.places import Source
from core.prompts import Value
from core.stories import Entry

_HEADINGS = {
    "answers": "All that you answered. Of several answers to one question, the one that counts says so.",
    "ideas": "Your ideas, and every entry of their stories.",
    "captures": "Words that wait for your yes or no. They are thrown away when that time is over.",
    "messages": "What was sent to you, or is about to be: how many messages, and when the last of them.",
    "talks_with_people": "What you and a person in office said to each other. It goes thirty days after its end.",
    "sittings": "Where you sit at the desk. Each ends when you leave, and after a month at the latest.",
    "done_in_office": "What you did at the desk or in office, as its log has it. The log stays, without your name.",
    "done_about_you": "What somebody in office did that was about you.",
    "drafts": "Drafts of consultations that you were the last to change. They stay, without your name.",
    "saved_groups": "What you search members for, as you saved it.",
    "imports": "Files of members that you sent up. Each is deleted once it is imported.",
    "web_chat": "The web chat, which is kept here. What stands in other apps is kept by them.",
}


def write_kept(kept: Kept) -> str:
    """Reads back as tables, lists, texts, numbers and times in ISO 8601. What is empty is left out."""
    member = kept.member
    page = _table(
        name=member.name,
        language=member.language,
        timezone=member.timezone,
        agreed_at=member.consented_at,
        said_stop_at=member.stopped_at,
        verified_at=member.verified_at,
        tried_to_verify_at=list(kept.tried_at),
        is_organiser=member.is_organiser or None,
        offices=[_table(body=body, role=role.value) for body, role in sorted(kept.offices)],
        topics=sorted(kept.topics),
        addresses=[_address(one) for one in kept.addresses],
        link_code_good_until=kept.link_code_until,
        desk_link_good_until=kept.desk_link_until,
        taking_part=[
            _table(consultation=one.consultation, begun_at=one.begun_at, finished_at=one.finished_at)
            for one in kept.taking_part
        ],
        answers=[_answer(one) for one in kept.answers],
        ideas=[_idea(one) for one in kept.ideas],
        ideas_supported=[_table(code=code, since=since) for code, since in kept.supported],
        captures=[_capture(one) for one in kept.captures],
        messages=[_deliveries(one) for one in kept.deliveries],
        web_chat=[
            _table(at=line.at, by="Folkmoot" if line.ours else "you", text=line.text) for line in kept.lines
        ],
        talks_with_people=[
            _table(
                idea=talk.idea,
                since=talk.since,
                ended_at=talk.ended_at,
                said=[
                    _table(at=word.at, by="a person in office" if word.by_officer else "you", text=word.text)
                    for word in talk.words
                ],
            )
            for talk in kept.talks
        ],
        access_tokens=[
            _table(
                name=one.name, scopes=sorted(scope.value for scope in one.scopes), made_at=one.made_at,
                good_until=one.expires_at, last_used_at=one.seen_at,
            )
            for one in kept.tokens
        ],
        webhooks=[
            _table(
                name=one.name, address=one.url, made_at=one.made_at,
                told_of=sorted(kind.value for kind in one.kinds),
            )
            for one in kept.hooks
        ],
        sittings=[
            _table(
                account=one.address.account, user=one.address.user, browser=one.browser, begun_at=one.begun_at,
                seen_at=one.seen_at,
            )
            for one in kept.sittings
        ],
        done_in_office=[_noted(one) for one in kept.done],
        done_about_you=[_noted(one) for one in kept.done_about],
        drafts=[
            _table(consultation=one.slug, title=one.title, changed_at=one.changed_at, text=one.text)
            for one in kept.drafts
        ],
        saved_groups=[_table(name=one.name, saved_at=one.at, searched=_table(**one.sought)) for one in kept.groups],
        imports=[_table(sent_at=one.at, state=one.state, rows=one.rows) for one in kept.imports],
        deeds_known_by_key=kept.inbound or None,
    )  # fmt: skip
    page.yaml_set_start_comment("Everything that Folkmoot keeps about you. All times are UTC.")
    for key, heading in _HEADINGS.items():
        if key in page:
            page.yaml_set_comment_before_after_key(key, before=f"\n{heading}")
    return dump(page)


def _address(kept: KeptAddress) -> CommentedMap:
    return _table(
        account=kept.address.account,
        user=kept.address.user,
        seen_at=kept.seen_at,
        gone_at=kept.gone_at,
        gone_why=kept.gone_why or None,
        conversation=_session(kept.session),
    )


def _session(written: str) -> CommentedMap | None:
    said = CommentedMap(json.loads(written) if written else {})
    said.fa.set_flow_style()
    return said or None


def _answer(kept: KeptAnswer) -> CommentedMap:
    told = _table(consultation=kept.consultation, prompt=kept.prompt, at=kept.at)
    told["answer"] = None if kept.value is None else _value(kept.value)
    if kept.counts:
        told["counts"] = True
    return told


def _value(value: Value) -> object:
    return CommentedSeq(map(scalar, value)) if isinstance(value, tuple) else _leaf(value)


def _idea(idea: Idea) -> CommentedMap:
    return _table(
        code=idea.code,
        consultation=idea.consultation,
        prompt=idea.prompt,
        said_in=_source(idea.source),
        attachments=_attachments(idea.attachments),
        story=[_entry(entry) for entry in idea.story],
    )


def _entry(entry: Entry) -> CommentedMap:
    return _table(
        at=entry.at,
        what=entry.kind.value,
        words=entry.text,
        reason=entry.reason,
        body=entry.body,
        by=entry.by.value if entry.by else None,
        sent_to=entry.next,
        days=entry.days,
        other_idea=entry.other,
        on=entry.on.isoformat() if entry.on else None,
        score=entry.score,
        rule=entry.rule.value if entry.rule else None,
    )


def _capture(capture: Capture) -> CommentedMap:
    return _table(
        text=capture.text,
        said_at=capture.said_at,
        said_in=_source(capture.source),
        author=_table(account=capture.author.account, user=capture.author.user),
        consultation=capture.consultation,
        put_forward_by=capture.asked_by,
        attachments=_attachments(capture.attachments),
        kept_until=capture.expires_at,
    )


def _noted(noted: Noted) -> str:
    """A line: of whoever is long in office there are thousands, and each value of its own takes its time."""
    done = noted.deed
    told = (str(_leaf(noted.at)), noted.via.value, done.did.value, done.about, done.body, done.detail)
    return " · ".join(filter(None, told))


def _source(source: Source) -> CommentedMap:
    return _table(account=source.account, chat=source.chat, message=source.message)


def _attachments(attachments: Iterable[Attachment]) -> Sequence[CommentedMap]:
    return [
        _table(kind=one.kind.value, account=one.account, file=one.file, media_type=one.media_type)
        for one in attachments
    ]  # fmt: skip


def _deliveries(kept: KeptDeliveries) -> CommentedMap:
    return _table(kind=kept.priority.value, state=kept.state.value, count=kept.count, last_at=kept.last_at)


def _table(**values: Any) -> CommentedMap:
    """Without what is None or empty."""
    told = {key: _leaf(value) for key, value in values.items() if value not in (None, "", [], ())}
    return CommentedMap(told)


def _leaf(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case str():
            return scalar(value)
        case list():
            return CommentedSeq(map(_leaf, value))
        case _:
            return value
