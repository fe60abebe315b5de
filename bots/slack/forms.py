"""A consultation as a modal: all its prompts at once, those that earlier answers bring about, what is wrong with it.

Slack has no way to put things in order, so ranking is a menu for each place. What doesn't fit a modal says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bots.slack.fields import LONGEST_INPUT, Given, element, option, places
from bots.slack.mrkdwn import linked
from bots.slack.reading import ANSWERS
from bots.slack.writing import LONGEST_LABEL, Block, plain_text, rows, section, sections, title
from core.answers import read_answer
from core.consultations import Consultation
from core.outbound import Key
from core.prompts import Answers, Option, Prompt, PromptKind, Value
from core.texts import Localised, Phrase, T, Texts, Words
from core.turns.forms import CONSENT
from core.turns.welcome import TERMS

MOST_BLOCKS = 100
MOST_OPTIONS = 100
LONGEST_TITLE = 24
LONGEST_WORDS = 2_000
"""Of labels and hints."""
LONGEST_ERROR = 500

TOO_LONG = T("This consultation is too long for one form. Answer it question by question in our messages.")
AGREEING = Prompt(
    CONSENT,
    PromptKind.MANY,
    Localised.of(""),
    options=(Option("yes", T("Yes, I agree")),),
    required=True,
)
"""What a newcomer ticks; the words are those of the conversation's own question."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the fields say: the prompts that are asked in view of it, and what is wrong with them."""

    asked: tuple[Prompt, ...]
    values: Mapping[str, Given]
    problems: Mapping[str, Phrase] = field(default_factory=dict)


def read(consultation: Consultation, values: Mapping[str, Given], earlier: Answers) -> Reading:
    """`earlier`: answers already given. An empty field leaves an idea, or words too long for it, as they are."""
    asked: list[Prompt] = []
    answers: dict[str, Value | None] = {}
    kept: dict[str, Given] = {}
    problems: dict[str, Phrase] = {}
    for prompt in consultation.prompts:
        if not prompt.is_asked(answers):
            continue
        asked.append(prompt)
        before = earlier.get(prompt.key)
        given = values.get(prompt.key) or _too_long(prompt, before)
        if given is None:
            has_idea = prompt.kind is PromptKind.IDEA and before is not None
            answers[prompt.key] = before if has_idea else None
            if prompt.required and not has_idea:
                problems[prompt.key] = T("Please answer this one.")
            continue
        kept[prompt.key] = given
        answer = read_answer(prompt, given)
        if isinstance(answer, Phrase):
            problems[prompt.key] = answer
        else:
            answers[prompt.key] = answer
    return Reading(tuple(asked), kept, problems)


def as_given(consultation: Consultation, answers: Answers) -> dict[str, Given]:
    """Earlier answers as they stand in the fields. Ideas don't: sending their words again would be another idea."""
    given: dict[str, Given] = {}
    for prompt in consultation.prompts:
        answer = answers.get(prompt.key)
        if answer is None or prompt.kind is PromptKind.IDEA or _too_long(prompt, answer):
            continue
        given[prompt.key] = f"{answer:.15g}" if isinstance(answer, int | float) else answer
    return given


def _too_long(prompt: Prompt, answer: Value | None) -> str | None:
    is_long = prompt.kind is PromptKind.TEXT and isinstance(answer, str) and len(answer) > LONGEST_INPUT
    return answer if is_long and isinstance(answer, str) else None


class Forms:
    """Builds the modals of one consultation for one member: in their language, knowing their earlier answers."""

    def __init__(self, consultation: Consultation, earlier: Answers, texts: Texts, language: str) -> None:
        self._consultation, self._earlier, self._texts, self._language = consultation, earlier, texts, language
        self._steering = {condition.prompt for prompt in consultation.prompts for condition in prompt.when}

    def view(self, values: Mapping[str, Given], *, chat: str | None, direct: str, asks_consent: bool) -> Block:
        """`direct`: the address of our direct messages, where everything can be answered one by one."""
        asked = read(self._consultation, values, self._earlier).asked
        shown = [*title(self._say(self._consultation.title)), *sections(self._say(self._consultation.framing))]
        for prompt in asked:
            shown += self._prompt(prompt, values.get(prompt.key))
        if asks_consent:
            shown += self._agreeing(values.get(CONSENT))
        most = max((len(prompt.choices) for prompt in asked), default=0)
        if len(shown) > MOST_BLOCKS or most > MOST_OPTIONS:
            return self.notice(TOO_LONG, Key(self._say(T("Open our messages")), url=direct))
        about = {"consultation": self._consultation.slug} | ({"chat": chat} if chat else {})
        submit = plain_text(self._say(T("Send")), LONGEST_TITLE)
        return self._frame() | {"private_metadata": json.dumps(about), "submit": submit, "blocks": shown}

    def notice(self, words: Words, *keys: Key) -> Block:
        """A modal that only says something."""
        return self._frame() | {"blocks": [section(linked(self._say(words))), *rows([keys])]}

    def errors(self, problems: Mapping[str, Phrase]) -> dict[str, str]:
        """By the id of the block that shows it."""
        ids = {prompt.key: _block_id(prompt) for prompt in (*self._consultation.prompts, AGREEING)}
        return {ids[key]: self._say(words)[:LONGEST_ERROR] for key, words in problems.items() if key in ids}

    def _frame(self) -> Block:
        heading = plain_text(self._say(self._consultation.title), LONGEST_TITLE)
        close = plain_text(self._say(T("Not now")), LONGEST_TITLE)
        return {"type": "modal", "callback_id": ANSWERS, "title": heading, "close": close}

    def _say(self, words: Words) -> str:
        return self._texts.say(words, self._language)

    def _prompt(self, prompt: Prompt, given: Given | None) -> list[Block]:
        hint, before = self._say(prompt.help) if prompt.help else "", self._earlier.get(prompt.key)
        is_optional = not prompt.required
        if prompt.kind is PromptKind.IDEA and isinstance(before, str):
            hint = self._say(T("Your idea {code} is in. Write here only to put forward another.", code=before))
            is_optional = True
        elif _too_long(prompt, before):
            hint = self._say(T("Your earlier answer is too long for this field. Leave it empty to keep it."))
            is_optional = True
        labels = [self._say(one.label) for one in prompt.choices]
        is_cut = any(len(label) > LONGEST_LABEL for label in labels)
        spelt = sections("\n".join(f"• {label}" for label in labels)) if is_cut else []
        options = [option(prompt, one, self._say) for one in prompt.choices]
        question = self._say(prompt.text)
        if prompt.kind is PromptKind.RANK:
            words = sections(f"{question}\n\n{hint}" if hint else question)
            numbers = [self._say(T("Place {number}", number=n)) for n in range(1, prompt.picks[1] + 1)]
            return [*words, *spelt, *places(prompt, options, given, numbers)]
        block: Block = {
            "type": "input",
            "block_id": prompt.key,
            "label": plain_text(question, LONGEST_WORDS),
            "element": element(prompt, options, given),
            "optional": is_optional,
        }
        if prompt.key in self._steering and prompt.choices:
            block["dispatch_action"] = True
        return [*spelt, block | ({"hint": plain_text(hint, LONGEST_WORDS)} if hint.strip() else {})]

    def _agreeing(self, given: Given | None) -> list[Block]:
        label = plain_text(self._say(T("Is that all right with you?")), LONGEST_WORDS)
        options = [option(AGREEING, one, self._say) for one in AGREEING.options]
        tick = element(AGREEING, options, given)
        words = "\n\n".join(self._say(sentence) for sentence in TERMS)
        return [*sections(words), {"type": "input", "block_id": CONSENT, "label": label, "element": tick}]


def _block_id(prompt: Prompt) -> str:
    return f"{prompt.key}/1" if prompt.kind is PromptKind.RANK else prompt.key


def shown_in(view: object) -> frozenset[str]:
    """The keys of the fields in a view that Slack shows."""
    blocks = view.get("blocks") if isinstance(view, Mapping) else None
    listed = blocks if isinstance(blocks, list) else []
    inputs = [block for block in listed if isinstance(block, Mapping) and block.get("type") == "input"]
    return frozenset(str(block.get("block_id")).partition("/")[0] for block in inputs)
