"""Placards: what is said of a consultation in a few words, wherever anybody may read of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.bodies import Bodies, Topic
from core.consultations import Audience, Consultation, ResultsWhen
from core.prompts import PromptKind
from core.results import may_be_seen
from core.texts import TN, Localised, Phrase, T, Texts, language_names
from core.understanding import START_CONSULTATION
from web.readers import Reader

RULES: Mapping[ResultsWhen, Phrase] = {
    ResultsWhen.LIVE: T("Anybody may see the results while it is open, and after it."),
    ResultsWhen.CLOSED: T("Anybody may see the results once it has closed."),
    ResultsWhen.OUTCOME: T("Anybody may see the results together with the outcome."),
    ResultsWhen.NEVER: T("The results are for its organisers. What they decide is told here."),
}
"""From when on results may be seen, as it stands beside them."""

HOW: Mapping[PromptKind, Phrase] = {
    PromptKind.IDEA: T("In your own words: it becomes an idea, with a receipt and a story."),
    PromptKind.TEXT: T("In your own words."),
    PromptKind.ONE: T("Pick one."),
    PromptKind.MANY: T("Pick what fits."),
    PromptKind.SCALE: T("On a scale."),
    PromptKind.YESNO: T("Yes or no."),
    PromptKind.NUMBER: T("A number."),
    PromptKind.RANK: T("Put them in your order."),
    PromptKind.STATEMENT: T("Agree, disagree or pass."),
}


@dataclass(frozen=True, slots=True)
class Placard:
    """In one language. `speaks`: that of its title, which may be another. `state` is `open`, `closed` or
    `decided`; `asked` is empty where everybody is asked, `answered` where no body answers."""

    consultation: Consultation
    title: str
    speaks: str
    framing: str
    state: str
    state_name: str
    until: str
    asked: str
    answered: str
    rule: str
    outcome: str
    shows_results: bool

    @property
    def slug(self) -> str:
        return self.consultation.slug

    @property
    def path(self) -> str:
        return f"/consultations/{self.slug}"

    @property
    def payload(self) -> str:
        """What leads straight into it where it is given to the bot, or to the chat."""
        return f"{START_CONSULTATION}{self.slug}"

    @property
    def is_open(self) -> bool:
        return self.state == "open"


def has_begun(consultation: Consultation, now: datetime) -> bool:
    """Whether there is anything of it for the public: before it opens there is not."""
    return consultation.opens_at is not None and now >= consultation.opens_at


class Signwriter:
    """Writes placards in one language; times by the clock of `zone`, else by the consultation's own."""

    def __init__(
        self, texts: Texts, language: str, bodies: Bodies, topics: Iterable[Topic] = (), zone: str | None = None
    ) -> None:
        self._texts, self._language, self._bodies, self._zone = texts, language, bodies, zone
        self._topics = {topic.slug: topic.name for topic in topics}

    def placard(self, consultation: Consultation, now: datetime) -> Placard:
        outcome = consultation.told(now)
        is_open = consultation.is_open(now)
        zone = self._zone or consultation.timezone

        def say(phrase: Phrase) -> str:
            return self._texts.say(phrase, self._language, zone)

        return Placard(
            consultation,
            consultation.title.in_language(self._language),
            _speaks(consultation.title, self._language),
            consultation.framing.in_language(self._language),
            "open" if is_open else "decided" if outcome else "closed",
            say(T("Open now") if is_open else T("Outcome published") if outcome else T("Closed")),
            say(_until(consultation, now)),
            say(self._asked(consultation.audience)) if not consultation.audience.is_everybody else "",
            say(answered) if (answered := self._answered(consultation)) else "",
            say(RULES[consultation.results]),
            outcome.in_language(self._language) if outcome else "",
            may_be_seen(consultation, now),
        )

    def _asked(self, audience: Audience) -> Phrase:
        bodies = self._listed([self._bodies.name(slug) for slug in audience.bodies])
        topics = self._listed([self._topics.get(slug, Localised.of(slug)) for slug in audience.topics])
        among = self._among(audience)
        if bodies and topics:
            return T(
                "Asked of members of {bodies}, and of whoever follows {topics}{among}",
                bodies=bodies, topics=topics, among=among,
            )  # fmt: skip
        if bodies:
            return T("Asked of members of {bodies}{among}", bodies=bodies, among=among)
        if topics:
            return T("Asked of whoever follows {topics}{among}", topics=topics, among=among)
        return T("Asked of all members{among}", among=among)

    def _among(self, audience: Audience) -> str:
        said: list[Phrase] = []
        if audience.languages:
            names = language_names(audience.languages)
            said.append(T("who read {languages}", languages=self._listed([names[code] for code in audience.languages])))
        if audience.active_days:
            said.append(
                TN(
                    "who wrote to us in the last {count} day", "who wrote to us in the last {count} days",
                    audience.active_days,
                )
            )  # fmt: skip
        if audience.verified:
            said.append(T("who are on the membership roll"))
        return "".join(f", {self._texts.say(phrase, self._language)}" for phrase in said)

    def _answered(self, consultation: Consultation) -> Phrase | None:
        if consultation.body is None:
            return None
        body = self._bodies.get(consultation.body)
        days = consultation.answer_days or (body.days if body else None)
        name = self._bodies.name(consultation.body)
        if days is None:
            return T("{body} answers every idea.", body=name)
        return TN(
            "{body} answers every idea within {count} day.", "{body} answers every idea within {count} days.", days,
            body=name,
        )  # fmt: skip

    def _listed(self, names: Sequence[Localised | str]) -> str:
        said = [self._texts.say(name, self._language) for name in names]
        return Reader(self._language).listed(said)


def _until(consultation: Consultation, now: datetime) -> Phrase:
    closes_at = consultation.closes_at
    if closes_at is None:
        return T("Open until it is closed by hand")
    if now < closes_at:
        return T("Open until {when}", when=closes_at)
    return T("Closed on {when}", when=closes_at)


def _speaks(words: Localised, language: str) -> str:
    if words.speaks(language) or not words.texts:
        return language
    return words.texts[0][0]
