"""Readers: the language, the direction of writing and the time zone in which somebody reads a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from starlette.requests import Request

from bots.webchat.reading import address, read_timezone
from core.texts import Phrase, Texts, Words
from web.parts import Parts

LANGUAGE_COOKIE = "language"
TIMEZONE_COOKIE = "timezone"


@dataclass(frozen=True, slots=True)
class Reader:
    """`zone` is an IANA name, None while nobody has told us; then times are in UTC and say so."""

    language: str
    zone: str | None = None
    is_member: bool = False

    @property
    def timezone(self) -> str:
        return self.zone or "UTC"

    @property
    def direction(self) -> str:
        return self._locale.text_direction

    @property
    def locale(self) -> str:
        """As browsers write it: `en-GB`."""
        return str(self._locale).replace("_", "-")

    def moment(self, at: datetime) -> str:
        return str(format_datetime(self._local(at), "d MMMM y, HH:mm", locale=self._locale))

    def moment_seen_from(self, at: datetime, now: datetime) -> str:
        """Without the date where that is today's."""
        local = self._local(at)
        if local.date() == self._local(now).date():
            return str(format_time(local, "HH:mm", locale=self._locale))
        return str(format_datetime(local, "d MMM, HH:mm", locale=self._locale))

    def day(self, day: date) -> str:
        return str(format_date(day, "d MMMM y", locale=self._locale))

    def short_day(self, day: date) -> str:
        """Without the year."""
        return str(format_date(day, "d MMM", locale=self._locale))

    def listed(self, names: Sequence[str]) -> str:
        """As “a, b and c” is written."""
        return str(format_list(names, locale=self._locale))

    def number(self, value: float) -> str:
        """With one digit after the point at the most."""
        return str(format_decimal(value, "#,##0.#", locale=self._locale))

    def say(self, texts: Texts, words: Words) -> str:
        """A sentence of ours, with large numbers as `number` writes them."""
        if isinstance(words, Phrase):
            values = ((name, self.number(one) if isinstance(one, int) else one) for name, one in words.values)
            words = replace(words, values=tuple(values))
        return texts.say(words, self.language, self.timezone)

    def share(self, part: int, whole: int) -> str:
        """In per cent."""
        return str(format_percent(part / whole, locale=self._locale))

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.timezone))

    @property
    def _locale(self) -> Locale:
        try:
            return Locale.parse("en_GB" if self.language == "en" else self.language)
        except (UnknownLocaleError, ValueError):
            return Locale.parse("en_GB")


def stranger(request: Request, texts: Texts) -> Reader:
    """What the request alone says."""
    language = next((code for code in _asked_for(request) if texts.language_for(code) == _plain(code)), None)
    return Reader(texts.language_for(language), read_timezone(request.cookies.get(TIMEZONE_COOKIE)))


async def reader_of(request: Request, parts: Parts) -> Reader:
    """What a member has chosen goes before what the browser says; `?lang=` in the address goes before both."""
    said, texts = stranger(request, parts.texts), parts.texts
    user = parts.visitors.recognise(request)
    member = await parts.store.member_at(address(user)) if user else None
    if member is None:
        return said
    language = said.language if "lang" in request.query_params else texts.language_for(member.language)
    return Reader(language, member.timezone or said.zone, is_member=True)


def _asked_for(request: Request) -> list[str]:
    """Language codes, the most wanted first."""
    wanted = [request.query_params.get("lang", ""), request.cookies.get(LANGUAGE_COOKIE, "")]
    ranked: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "")[:500].split(","):
        code, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((float(quality or 1), code))
        except ValueError:
            continue
    ranked.sort(key=lambda one: -one[0])
    return [code for code in (*wanted, *(code for quality, code in ranked if quality > 0)) if code]


def _plain(code: str) -> str:
    return code.replace("_", "-").split("-")[0].lower()
