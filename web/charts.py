"""Charts: a result as a drawing, with the numbers behind it as a table. What is kept back is said, not drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from core.bodies import Bodies
from core.consultations import Consultation
from core.prompts import PromptKind, choice
from core.results import Bin, PromptResult, Step, Turnout
from core.texts import TN, Phrase, T, Texts, Words
from web.readers import Reader
from web.strokes import EMPTY, Bar, Column, Drawing, Piece, bars, columns

CHANNELS: Mapping[str, Words] = {
    "telegram": "Telegram",
    "slack": "Slack",
    "web": T("the chat on this site"),
    "": T("no channel any more"),
}
KEPT_BACK = T("not shown")
_TONES = {"agree": "main", "yes": "main", "disagree": "spark", "no": "spark", "pass": "calm"}


@dataclass(frozen=True, slots=True)
class Chart:
    """`svg` is empty where there is nothing to draw. `note`: why some numbers are missing, or empty."""

    title: str
    drawing: Drawing
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def svg(self) -> Markup:
        return self.drawing.on_page(f"{self.title} {self.caption}") if self.drawing.height else Markup("")


@dataclass(frozen=True, slots=True)
class Voice:
    """In whose language, with which numbers and in which direction a chart speaks."""

    say: Callable[[Words], str]
    reader: Reader

    @property
    def rtl(self) -> bool:
        return self.reader.direction == "rtl"

    def number(self, count: float | None) -> str:
        return self.say(KEPT_BACK) if count is None else self.reader.number(count)

    def share(self, part: int | None, whole: int | None) -> str:
        return "" if part is None or not whole else self.reader.share(part, whole)


def voice(texts: Texts, reader: Reader) -> Voice:
    return Voice(lambda words: reader.say(texts, words), reader)


# --- one prompt
def chart(result: PromptResult, voice: Voice) -> Chart:
    """As the kind of its prompt wants it."""
    match result.prompt.kind:
        case PromptKind.TEXT | PromptKind.IDEA:
            return _words(result, voice)
        case PromptKind.SCALE:
            return _scale(result, voice)
        case PromptKind.NUMBER:
            return _numbers(result, voice)
        case PromptKind.RANK if result.ranks:
            return _ranks(result, voice)
        case _:
            return _options(result, voice)


def _title(result: PromptResult, voice: Voice) -> str:
    return voice.say(result.prompt.text)


def _caption(result: PromptResult, voice: Voice, *more: Phrase) -> str:
    if result.answered is None:
        return voice.say(T("Too few answered to show how."))
    answered = TN("{count} answer.", "{count} answers.", result.answered)
    skipped = [TN("{count} skipped it.", "{count} skipped it.", result.skipped)] if result.skipped else []
    return " ".join(voice.say(words) for words in (answered, *skipped, *more))


def _note(result: PromptResult, voice: Voice) -> str:
    if result.is_whole or result.answered is None:
        return ""
    return voice.say(T("Small numbers aren’t shown, nor those from which they could be worked out."))


def label_of(result: PromptResult, key: str, voice: Voice) -> str:
    """An option that has gone from the prompt since shows as its key."""
    option = choice(result.prompt, key)
    return voice.say(option.label) if option else key


def _options(result: PromptResult, voice: Voice) -> Chart:
    largest = max((count for count in result.counts.values() if count), default=0)
    drawn, rows = [], []
    for key, count in result.counts.items():
        label, share = label_of(result, key, voice), voice.share(count, result.answered)
        said = f"{share} · {voice.number(count)}" if share else voice.number(count)
        pieces = (Piece(count / largest, _TONES.get(key, "main")),) if count else ()
        drawn.append(Bar(label, pieces, said))
        rows.append((label, voice.number(count), share))
    several = [T("Several could be picked.")] if result.prompt.kind is PromptKind.MANY else []
    caption = _caption(result, voice, *several)
    head = _head(voice, T("Answer"), T("How many"), T("Share"))
    drawing = bars(drawn, rtl=voice.rtl) if result.answered else EMPTY
    return Chart(_title(result, voice), drawing, caption, head, tuple(rows), _note(result, voice))


def _scale(result: PromptResult, voice: Voice) -> Chart:
    largest = max((count for count in result.counts.values() if count), default=0)
    drawn, rows = [], []
    for key, count in result.counts.items():
        share = voice.share(count, result.answered)
        drawn.append(Column(key, count / largest if count else 0, share or ("" if count == 0 else "–")))
        rows.append((key, voice.number(count), share))
    prompt, numbers = result.prompt, result.numbers
    low, high = prompt.scale
    ends = [f"{step} = {voice.say(end)}" for step, end in ((low, prompt.low), (high, prompt.high)) if end]
    mean = [T("On average {mean}.", mean=voice.number(numbers.mean))] if numbers and numbers.mean is not None else []
    head = _head(voice, T("Step"), T("How many"), T("Share"))
    drawing = columns(drawn, ends, rtl=voice.rtl) if result.answered else EMPTY
    caption = _caption(result, voice, *mean)
    return Chart(_title(result, voice), drawing, caption, head, tuple(rows), _note(result, voice))


def _numbers(result: PromptResult, voice: Voice) -> Chart:
    numbers = result.numbers
    bins = numbers.bins if numbers else ()
    largest = max((one.count for one in bins if one.count), default=0)
    drawn = [
        Column(_edge(one, voice), one.count / largest if one.count else 0, voice.number(one.count)) for one in bins
    ]
    rows = [(_range(one, voice), voice.number(one.count), voice.share(one.count, result.answered)) for one in bins]
    more: list[Phrase] = []
    if numbers and numbers.mean is not None and numbers.median is not None:
        middle = voice.number(numbers.median)
        more.append(T("On average {mean}; half say {median} or less.", mean=voice.number(numbers.mean), median=middle))
    if numbers and numbers.least is not None and numbers.most is not None:
        more.append(T("From {least} to {most}.", least=voice.number(numbers.least), most=voice.number(numbers.most)))
    head = _head(voice, T("From – to"), T("How many"), T("Share"))
    drawing = columns(drawn, rtl=voice.rtl) if bins else EMPTY
    return Chart(
        _title(result, voice), drawing, _caption(result, voice, *more), head, tuple(rows), _note(result, voice)
    )


def _edge(one: Bin, voice: Voice) -> str:
    if one.low is None:
        return f"< {voice.number(one.high)}" if one.high is not None else "…"
    return f"{voice.number(one.low)} +" if one.high is None else voice.number(one.low)


def _range(one: Bin, voice: Voice) -> str:
    match one:
        case Bin(None, None):
            return voice.say(T("any"))
        case Bin(None, high):
            return voice.say(T("under {number}", number=voice.number(high)))
        case Bin(low, None):
            return voice.say(T("{number} and more", number=voice.number(low)))
        case Bin(low, high):
            return voice.say(T("{low} to under {high}", low=voice.number(low), high=voice.number(high)))


def _ranks(result: PromptResult, voice: Voice) -> Chart:
    largest = max((place.points for place in result.ranks.values()), default=0)
    drawn, rows = [], []
    for key, place in result.ranks.items():
        label, mean = label_of(result, key, voice), voice.number(place.mean)
        said = voice.say(TN("{count} point", "{count} points", place.points))
        drawn.append(Bar(label, (Piece(place.points / largest if largest else 0, "main"),), said))
        rows.append((label, voice.number(place.points), mean, voice.number(result.counts.get(key))))
    head = _head(voice, T("Answer"), T("Points"), T("Place on average"), T("Put first by"))
    caption = _caption(result, voice, T("The first of an order gets the most points, the last none."))
    return Chart(
        _title(result, voice), bars(drawn, rtl=voice.rtl), caption, head, tuple(rows), _note(result, voice)
    )  # fmt: skip


def _words(result: PromptResult, voice: Voice) -> Chart:
    """Nothing to draw: what people said in their own words is read, not counted."""
    rows = ((voice.say(T("In their own words")), voice.number(result.texts)),)
    head = _head(voice, T("Answer"), T("How many"))
    return Chart(_title(result, voice), EMPTY, _caption(result, voice), head, rows)


# --- all of them together
def funnel(steps: Sequence[Step], voice: Voice) -> Chart:
    """Who answered, who skipped and who is still at each prompt."""
    largest = max((step.reached for step in steps), default=0)
    drawn, rows = [], []
    for number, step in enumerate(steps, 1):
        label = f"{number}. {voice.say(step.prompt.text)}"
        parts = ((step.answered, "main"), (step.skipped, "calm"), (step.left, "spark"))
        pieces = tuple(Piece(many / largest, tone) for many, tone in parts if many and largest)
        said = voice.say(TN("{count} left here", "{count} left here", step.left)) if step.left else ""
        drawn.append(Bar(label, pieces, said or voice.number(step.reached)))
        rows.append((label, *map(voice.number, (step.reached, step.answered, step.skipped, step.left))))
    head = _head(voice, T("Question"), T("Came to it"), T("Answered"), T("Skipped"), T("Left here"))
    title, caption = T("How far people came"), T("Green: answered. Grey: skipped. Orange: left off there.")
    return Chart(
        voice.say(title), bars(drawn, rtl=voice.rtl) if largest else EMPTY, voice.say(caption), head, tuple(rows)
    )


def turnout(rows: Sequence[Turnout], bodies: Bodies, voice: Voice) -> Chart:
    """Each body against its size: those who finished, those who only began, and the others."""
    drawn, table = [], []
    for row in rows:
        name = voice.say(bodies.name(row.body))
        size, begun, finished = row.size, row.begun, row.finished
        pieces: tuple[Piece, ...] = ()
        if size and begun is not None and finished is not None:
            parts = ((finished, "main"), (max(begun - finished, 0), "calm"), (max(size - begun, 0), "edge"))
            pieces = tuple(Piece(many / size, tone) for many, tone in parts if many)
        said = voice.share(finished, size) or voice.number(finished)
        drawn.append(Bar(name, pieces, said))
        table.append((name, *map(voice.number, (size, row.asked, begun, finished)), voice.share(finished, size)))
    head = _head(voice, T("Body"), T("Members"), T("Asked"), T("Began"), T("Finished"), T("Share"))
    caption = T("Of the members of each body whom we know: green finished, grey only began.")
    drawing = bars(drawn, rtl=voice.rtl) if drawn else EMPTY
    return Chart(voice.say(T("Turnout by body")), drawing, voice.say(caption), head, tuple(table))


def by_day(days: Mapping[date, int | None], voice: Voice) -> Chart:
    """Every day from the first to the last, those on which nobody finished among them."""
    largest = max((count for count in days.values() if count), default=0)
    every = [min(days) + timedelta(days=n) for n in range((max(days) - min(days)).days + 1)] if days else []
    drawn, rows = [], []
    for day in every:
        name, count = voice.reader.short_day(day), days.get(day, 0)
        drawn.append(Column(name, count / largest if count else 0, voice.number(count) if count else ""))
        rows.append((name, voice.number(count)))
    total = sum(count for count in days.values() if count)
    caption = voice.say(TN("{count} finished.", "{count} finished.", total))
    drawing = columns(drawn, rtl=voice.rtl) if largest else EMPTY
    head = _head(voice, T("Day"), T("Finished"))
    return Chart(voice.say(T("Answers by day")), drawing, caption, head, tuple(rows))


def by_channel(channels: Mapping[str, int | None], voice: Voice) -> Chart:
    largest = max((count for count in channels.values() if count), default=0)
    named = [(voice.say(CHANNELS.get(key, key)), count) for key, count in channels.items()]
    drawn = [
        Bar(name, (Piece(count / largest, "main"),) if count else (), voice.number(count)) for name, count in named
    ]
    rows = tuple((name, voice.number(count)) for name, count in named)
    head = _head(voice, T("Channel"), T("How many"))
    drawing = bars(drawn, rtl=voice.rtl) if largest else EMPTY
    return Chart(voice.say(T("By channel")), drawing, voice.say(T("Of those who began.")), head, rows)


def _head(voice: Voice, *words: Phrase) -> tuple[str, ...]:
    return tuple(map(voice.say, words))


def charts(consultation: Consultation, results: Sequence[PromptResult], voice: Voice) -> tuple[tuple[str, Chart], ...]:
    """One for each of its prompts, in their order, with its key."""
    by_key = {one.prompt.key: one for one in results}
    return tuple(
        (prompt.key, chart(by_key[prompt.key], voice)) for prompt in consultation.prompts if prompt.key in by_key
    )
