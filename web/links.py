"""Links: what an app is told that shows a link to a consultation, or to one of our other pages."""

from urllib.parse import urlencode

from starlette.requests import Request

from core.texts import TN, Phrase, T
from web.noticeboard import Shown
from web.parts import Parts
from web.pictures import Notice
from web.placards import Placard
from web.previews import Card, reached_at
from web.readers import Reader
from web.wording import shortened

LONGEST_DESCRIPTION = 200


def notice_of(placard: Placard, shown: Shown | None, parts: Parts, language: str) -> Notice:
    """What is to be seen on the picture of a consultation."""
    headline = took_part(shown, language) if shown else None
    return Notice(
        placard.title,
        parts.texts.say(T("A consultation"), language),
        placard.state_name,
        placard.until,
        parts.texts.say(headline, language) if headline else placard.asked,
        placard.is_open,
    )


def general_notice(parts: Parts, language: str) -> Notice:
    def say(phrase: Phrase) -> str:
        return parts.texts.say(phrase, language)

    return Notice(say(T("Say what you think.")), "", "", say(T("Every idea hears back.")), "", is_open=True)


def took_part(shown: Shown, language: str) -> Phrase | None:
    """None where it is nobody, or kept back."""
    count = shown.results.finished
    if not count:
        return None
    return TN("{number} member has answered", "{number} members have answered", count, number=_number(count, language))


def of_consultation(placard: Placard, shown: Shown | None, parts: Parts, language: str, request: Request) -> Card:
    here = reached_at(request, parts.public_url)
    notice = notice_of(placard, shown, parts, language)
    said = T("{title}. {state}. {until}.", title=placard.title, state=placard.state_name, until=placard.until)
    description = shortened(placard.outcome or placard.framing, LONGEST_DESCRIPTION)
    return Card(
        placard.title,
        description or parts.texts.say(said, language),
        f"{here}{placard.path}",
        f"{here}{placard.path}/preview.png?{urlencode({'lang': language, 'v': notice.mark})}",
        parts.texts.say(said, language),
        "article",
    )


def of_page(path: str, parts: Parts, language: str, request: Request, title: Phrase | None = None) -> Card:
    """Any page of ours, with the picture that stands for all of it."""
    here, say = reached_at(request, parts.public_url), parts.texts.say
    notice = general_notice(parts, language)
    return Card(
        say(title or T("Folkmoot: say what you think"), language),
        say(
            T(
                "Your organisation asks, you answer in chat. Each idea gets a receipt, and with it you can see what "
                "becomes of it."
            ),
            language,
        ),
        f"{here}{path}",
        f"{here}/preview.png?{urlencode({'lang': language, 'v': notice.mark})}",
        f"{notice.title} {notice.line}",
        "website",
    )


def _number(count: int, language: str) -> str:
    return Reader(language).number(count)
