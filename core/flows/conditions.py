"""When a prompt is asked: the tests on earlier answers that stand under its `when`."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.answers import numeral, read_number
from core.flows.fields import items
from core.flows.problems import Findings, did_you_mean, shown
from core.flows.tree import Node, Row, Table, Word
from core.prompts import Condition, PromptKind, Test
from core.texts import T

_TESTS = {test.value: test for test in Test}
_COUNTED = (PromptKind.SCALE, PromptKind.NUMBER)
_WORDED = (PromptKind.TEXT, PromptKind.IDEA)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a condition may ask of a prompt. `place`: its number in the file, from 0. `keys`: what can be chosen.

    `least` and `most`: where a number or a scale ends. `is_complete` False: the prompt has mistakes of its own.
    """

    place: int
    kind: PromptKind
    keys: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    is_complete: bool = True


def read_when(node: Node, place: int, prompts: Mapping[str, Earlier], findings: Findings) -> tuple[Condition, ...]:
    """`{travel: car}`, or a list of such: all must hold. `place` is that of the prompt that has the condition."""
    conditions: list[Condition] = []
    for item in items(node):
        if not isinstance(item, Table) or not item.entries:
            example = T("Write “when: {example}”.", example="{travel: car}")
            findings.mistake(item, T("A condition names an earlier prompt."), example)
            continue
        for key, tests in item.entries:
            if earlier := _earlier(key, place, prompts, findings):
                conditions += _tests(key, tests, earlier, findings)
    return tuple(conditions)


def _earlier(key: Word, place: int, prompts: Mapping[str, Earlier], findings: Findings) -> Earlier | None:
    before = [name for name, prompt in prompts.items() if prompt.place < place]
    found = prompts.get(key.text)
    if found is None:
        findings.mistake(key, T("There is no prompt “{key}”.", key=shown(key.text)), did_you_mean(key.text, before))
    elif found.place == place:
        findings.mistake(key, T("A prompt can’t depend on its own answer."))
    elif found.place > place:
        later = T("“{key}” is asked only later.", key=key.text)
        findings.mistake(key, later, T("Put it further up, or this prompt further down."))
    elif found.kind in _WORDED:
        words = T("What is said to “{key}” is free words, which can’t be tested.", key=key.text)
        findings.mistake(key, words, T("Only choices and numbers can."))
    else:
        return found
    return None


def _tests(key: Word, node: Node, earlier: Earlier, findings: Findings) -> list[Condition]:
    if not isinstance(node, Table):
        values = _values(node, Test.IS, earlier, findings)
        return [Condition(key.text, Test.IS, values)] if values else []
    conditions: list[Condition] = []
    if not node.entries:
        findings.mistake(node, T("There is nothing to test here."))
    for name, wanted in node.entries:
        test = _TESTS.get(name.text)
        if test is None:
            findings.mistake(name, T("“{word}” is no test.", word=shown(name.text)), did_you_mean(name.text, _TESTS))
        elif test in (Test.ABOVE, Test.BELOW) and earlier.kind not in _COUNTED:
            what = T("“{test}” is for numbers and scales.", test=name.text)
            findings.mistake(name, what, T("Name the options instead, or “not: …”."))
        elif values := _values(wanted, test, earlier, findings):
            conditions.append(Condition(key.text, test, values))
    return conditions


def _values(node: Node, test: Test, earlier: Earlier, findings: Findings) -> tuple[str | float, ...]:
    if isinstance(node, Row) and (not node.items or test in (Test.ABOVE, Test.BELOW)):
        findings.mistake(node, T("There has to be one number here.") if node.items else T("This list is empty."))
        return ()
    values: list[str | float] = []
    for item in items(node):
        value = _number(item, test, earlier, findings) if earlier.kind in _COUNTED else _option(item, earlier, findings)
        if value is not None:
            values.append(value)
    return tuple(values)


def _option(node: Node, earlier: Earlier, findings: Findings) -> str | None:
    if isinstance(node, Word) and (node.text in earlier.keys or (not earlier.is_complete and node.text)):
        return node.text
    if isinstance(node, Word) and node.text:
        what = T("There is no option “{key}” to choose there.", key=shown(node.text))
        findings.mistake(node, what, did_you_mean(node.text, earlier.keys))
    else:
        findings.mistake(node, T("This has to be the key of an option."))
    return None


def _number(node: Node, test: Test, earlier: Earlier, findings: Findings) -> float | None:
    number = read_number(node.text) if isinstance(node, Word) else None
    if number is None:
        findings.mistake(node, T("This has to be a number, such as 3 or 2.5."))
        return None
    least, most = earlier.least, earlier.most
    too_low = least is not None and (number <= least if test is Test.BELOW else number < least)
    too_high = most is not None and (number >= most if test is Test.ABOVE else number > most)
    off_step = earlier.kind is PromptKind.SCALE and test in (Test.IS, Test.NOT) and number != int(number)
    if earlier.is_complete and (too_low or too_high or off_step):
        ends = T("It goes from {least} to {most}.", least=numeral(least or 0), most=numeral(most or 0))
        findings.mistake(
            node, T("No answer there can be that."), ends if least is not None and most is not None else None
        )
        return None
    return number
