"""A test of a consultation, as its organiser gets it into their own chat: to be read, not to be answered."""

from dataclasses import replace

from core.consultations import Consultation
from core.outbound import Message, Say, render, say
from core.prompts import PICKING, Prompt
from core.texts import Lines, T, Texts, Words


def trial_messages(invitation: Say, consultation: Consultation, texts: Texts, language: str) -> tuple[Message, ...]:
    """Its invitation and its first question. Their buttons are words, for pressing them would mean something."""
    said = [invitation]
    if consultation.prompts:
        said.append(_question(consultation.prompts[0], len(consultation.prompts)))
    return tuple(render(_marked(one), texts, language, consultation.timezone) for one in said)


def _question(prompt: Prompt, places: int) -> Say:
    words: list[Words] = [Lines((T("Question {place} of {places}", place=1, places=places), prompt.text))]
    if prompt.help:
        words.append(prompt.help)
    if prompt.choices:
        words.append(Lines(tuple(_choice(option.label, prompt) for option in prompt.choices)))
    return say(*words)


def _choice(label: Words, prompt: Prompt) -> Words:
    return T("☐ {option}", option=label) if prompt.kind in PICKING else T("[ {option} ]", option=label)


def _marked(said: Say) -> Say:
    """Buttons become a line of words below, and it says above all that it is a test."""
    labels: tuple[Words, ...] = tuple(T("[ {option} ]", option=key.label) for row in said.buttons for key in row)
    below = (Lines(labels),) if labels else ()
    return replace(
        said,
        paragraphs=(T("A test: only you get this, and nothing can be answered."), *said.paragraphs, *below),
        buttons=(),
    )
