"""The way through a consultation's prompts, given the answers so far.

A prompt that an earlier answer ruled out isn't asked, and what was once answered to it decides nothing further down.
"""

from core.consultations import Consultation
from core.prompts import Answers, Prompt, Value


def asked_prompts(consultation: Consultation, answers: Answers) -> tuple[Prompt, ...]:
    asked: list[Prompt] = []
    counted: dict[str, Value | None] = {}
    for prompt in consultation.prompts:
        if prompt.is_asked(counted):
            asked.append(prompt)
            if prompt.key in answers:
                counted[prompt.key] = answers[prompt.key]
    return tuple(asked)


def next_prompt(consultation: Consultation, answers: Answers, after: str | None = None) -> Prompt | None:
    """The next that wants an answer (a skip is one): behind `after` if there is any, else the first of all."""
    asked = asked_prompts(consultation, answers)
    waiting = [prompt for prompt in asked if prompt.key not in answers]
    keys = [prompt.key for prompt in consultation.prompts]
    if after in keys:
        behind = keys[keys.index(after) + 1 :]
        waiting.sort(key=lambda prompt: prompt.key not in behind)
    return waiting[0] if waiting else None


def previous_prompt(consultation: Consultation, answers: Answers, before: str) -> Prompt | None:
    """The one asked before; None at the first, and for a prompt that isn't in the consultation."""
    keys = [prompt.key for prompt in consultation.prompts]
    if before not in keys:
        return None
    earlier = keys[: keys.index(before)]
    return next((one for one in reversed(asked_prompts(consultation, answers)) if one.key in earlier), None)


def place_of(consultation: Consultation, answers: Answers, key: str) -> tuple[int, int]:
    """`(2, 5)`: the second of the five that are asked as things stand. A later answer may change how many."""
    asked = [prompt.key for prompt in asked_prompts(consultation, answers)]
    return (asked.index(key) + 1 if key in asked else len(asked)), len(asked)
