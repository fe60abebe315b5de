"""Prompts: their choices and bounds, and when conditions hold."""

import pytest

from core.prompts import Answers, Condition, Option, Prompt, PromptKind, choice
from core.prompts import Test as Check
from core.texts import Localised, T

WORDS = Localised.of("?")
THREE = tuple(Option(key, WORDS) for key in "abc")


@pytest.mark.parametrize(
    ("condition", "answers", "holds"),
    [
        (Condition("p", Check.IS, ("car",)), {"p": "car"}, True),
        (Condition("p", Check.IS, ("bus", "car")), {"p": "car"}, True),
        (Condition("p", Check.IS, ("car",)), {"p": "bus"}, False),
        (Condition("p", Check.IS, ("car",)), {"p": None}, False),
        (Condition("p", Check.IS, ("car",)), {}, False),
        (Condition("p", Check.IS, ("car",)), {"p": ("bus", "car")}, True),
        (Condition("p", Check.NOT, ("car",)), {"p": ("bus", "car")}, False),
        (Condition("p", Check.NOT, ("car",)), {"p": "bus"}, True),
        (Condition("p", Check.NOT, ("car",)), {"p": None}, True),
        (Condition("p", Check.IS, (3,)), {"p": 3}, True),
        (Condition("p", Check.IS, (3,)), {"p": 3.0}, True),
        (Condition("p", Check.ABOVE, (3,)), {"p": 3}, False),
        (Condition("p", Check.ABOVE, (3,)), {"p": 3.5}, True),
        (Condition("p", Check.BELOW, (3,)), {"p": 2}, True),
        (Condition("p", Check.BELOW, (3,)), {"p": None}, False),
        (Condition("p", Check.BELOW, (3,)), {"p": "few"}, False),
    ],
)
def test_a_condition_holds_or_not(condition: Condition, answers: Answers, holds: bool) -> None:
    assert condition.holds(answers) is holds


def test_all_conditions_have_to_hold() -> None:
    both = (Condition("p", Check.IS, ("x",)), Condition("q", Check.ABOVE, (1,)))
    prompt = Prompt("r", PromptKind.TEXT, WORDS, when=both)
    assert prompt.is_asked({"p": "x", "q": 2})
    assert not prompt.is_asked({"p": "x", "q": 1})
    assert not prompt.is_asked({})


def test_closed_kinds_bring_their_own_choices() -> None:
    keys = {kind: [option.key for option in Prompt("p", kind, WORDS).choices] for kind in PromptKind}
    assert keys[PromptKind.YESNO] == ["yes", "no"]
    assert keys[PromptKind.STATEMENT] == ["agree", "disagree", "pass"]
    assert keys[PromptKind.SCALE] == ["1", "2", "3", "4", "5"]
    assert keys[PromptKind.IDEA] == []
    assert choice(Prompt("p", PromptKind.YESNO, WORDS), "no") == Option("no", T("No"))
    assert choice(Prompt("p", PromptKind.ONE, WORDS, options=THREE), "d") is None


def test_a_ranking_takes_all_and_a_picking_any_unless_bounds_say_otherwise() -> None:
    assert Prompt("p", PromptKind.RANK, WORDS, options=THREE).picks == (3, 3)
    assert Prompt("p", PromptKind.MANY, WORDS, options=THREE).picks == (1, 3)
    assert Prompt("p", PromptKind.MANY, WORDS, options=THREE, least=2, most=2).picks == (2, 2)
    assert Prompt("p", PromptKind.SCALE, WORDS, least=0, most=10).scale == (0, 10)
