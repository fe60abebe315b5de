"""How the values of `core` are written as JSON text and read back, exactly as they were."""

import json
from base64 import b64decode, b64encode
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from cattrs import Converter

from core.bodies import Power, Remit
from core.calendars import Holidays, Recess
from core.consultations import Audience, Consultation
from core.ideas import Attachment
from core.members import Role
from core.outbound import Message
from core.prompts import Value
from core.texts import Fill, Lines, Localised, Phrase, Words
from storage.instants import NaiveInstant

_converter = Converter()


def _write_instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise NaiveInstant(value)
    return value.isoformat()


def _write_words(words: Words) -> Any:
    match words:
        case str():
            return words
        case Localised():
            return {"texts": [list(pair) for pair in words.texts]}
        case Lines(lines):
            return {"lines": [_write_words(line) for line in lines]}
        case Phrase(msgid, values, plural, count):
            filled = [[name, _write_fill(value)] for name, value in values]
            return {"msgid": msgid, "values": filled, "plural": plural, "count": count}


def _read_words(written: Any, _: object = None) -> Words:
    match written:
        case str():
            return written
        case {"texts": texts}:
            return Localised(tuple((code, said) for code, said in texts))
        case {"lines": lines}:
            return Lines(tuple(_read_words(line) for line in lines))
        case _:
            values = tuple((name, _read_fill(value)) for name, value in written["values"])
            return Phrase(written["msgid"], values, written["plural"], written["count"])


def _write_fill(value: Fill) -> Any:
    match value:
        case datetime():
            return {"at": _write_instant(value)}
        case date():
            return {"on": value.isoformat()}
        case int() | float():
            return value
        case _:
            return _write_words(value)


def _read_fill(written: Any) -> Fill:
    match written:
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case {"on": str(day)}:
            return date.fromisoformat(day)
        case int() | float():
            return written
        case _:
            return _read_words(written)


def _as_it_is(written: Any, _: object = None) -> Any:
    return written


_converter.register_unstructure_hook(bytes, lambda content: b64encode(content).decode())
_converter.register_structure_hook(bytes, lambda written, _: b64decode(written))
_converter.register_unstructure_hook(datetime, _write_instant)
_converter.register_structure_hook(datetime, lambda written, _: datetime.fromisoformat(written))
_converter.register_unstructure_hook(date, date.isoformat)
_converter.register_structure_hook(date, lambda written, _: date.fromisoformat(written))
_converter.register_unstructure_hook(time, time.isoformat)
_converter.register_structure_hook(time, lambda written, _: time.fromisoformat(written))
_converter.register_unstructure_hook(timedelta, lambda value: [value.days, value.seconds, value.microseconds])
_converter.register_structure_hook(timedelta, lambda written, _: timedelta(*written))
_converter.register_unstructure_hook_func(lambda kind: kind == Words, _write_words)
_converter.register_structure_hook_func(lambda kind: kind == Words, _read_words)
_converter.register_unstructure_hook(Localised, _write_words)
_converter.register_structure_hook(Localised, _read_words)
_converter.register_structure_hook_func(lambda kind: kind == str | float, _as_it_is)
_converter.register_unstructure_hook_func(lambda kind: kind == str | float, _as_it_is)


def _write(value: object, kind: Any) -> str:
    return json.dumps(_converter.unstructure(value, unstructure_as=kind), ensure_ascii=False, separators=(",", ":"))


def _read(written: str, kind: Any) -> Any:
    return _converter.structure(json.loads(written), kind)


def write_consultation(consultation: Consultation) -> str:
    return _write(consultation, Consultation)


@lru_cache(maxsize=256)
def read_consultation(written: str) -> Consultation:
    """Every turn reads what is open, so what was read before isn't read again; values may be shared."""
    return _read(written, Consultation)  # type: ignore[no-any-return]


def write_localised(words: Localised) -> str:
    return _write(words, Localised)


@lru_cache(maxsize=1024)
def read_localised(written: str) -> Localised:
    return _read(written, Localised)  # type: ignore[no-any-return]


def write_message(message: Message) -> str:
    return _write(message, Message)


def read_message(written: str) -> Message:
    return _read(written, Message)  # type: ignore[no-any-return]


def write_attachments(attachments: tuple[Attachment, ...]) -> str:
    return _write(attachments, tuple[Attachment, ...]) if attachments else "[]"


def read_attachments(written: str) -> tuple[Attachment, ...]:
    return _read(written, tuple[Attachment, ...]) if written != "[]" else ()


def write_audience(audience: Audience) -> str:
    return _write(audience, Audience)


def read_audience(written: str) -> Audience:
    return _read(written, Audience)  # type: ignore[no-any-return]


def write_remit(remit: Remit) -> str:
    return _write(remit, Remit)


@lru_cache(maxsize=1024)
def read_remit(written: str) -> Remit:
    return _read(written, Remit)  # type: ignore[no-any-return]


Powers = tuple[tuple[Power, tuple[Role, ...]], ...]


def write_powers(powers: Powers) -> str:
    return _write(powers, Powers)


@lru_cache(maxsize=1024)
def read_powers(written: str) -> Powers:
    return _read(written, Powers)  # type: ignore[no-any-return]


def write_recesses(recesses: tuple[Recess, ...]) -> str:
    return _write(recesses, tuple[Recess, ...])


@lru_cache(maxsize=1024)
def read_recesses(written: str) -> tuple[Recess, ...]:
    return _read(written, tuple[Recess, ...])  # type: ignore[no-any-return]


def write_holidays(holidays: Holidays) -> str:
    return _write(holidays, Holidays)


@lru_cache(maxsize=16)
def read_holidays(written: str) -> Holidays:
    return _read(written, Holidays)  # type: ignore[no-any-return]


def write_value(value: Value | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def read_value(written: str | None) -> Value | None:
    if written is None:
        return None
    value: Value | list[str] = json.loads(written)
    return tuple(value) if isinstance(value, list) else value
