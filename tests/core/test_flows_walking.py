"""The way through the prompts, as answers come in and change."""

from hypothesis import given
from hypothesis import strategies as st

from core.consultations import Consultation
from core.flows.walking import asked_prompts, next_prompt, place_of, previous_prompt
from core.prompts import Answers, Condition, Option, Prompt, PromptKind, Value
from core.prompts import Test as Check
from core.texts import Localised

WORDS = Localised.of("?")
OPTIONS = (Option("x", WORDS), Option("y", WORDS))


def one(key: str, *when: Condition) -> Prompt:
    return Prompt(key, PromptKind.ONE, WORDS, options=OPTIONS, when=when)


def consultation(*prompts: Prompt) -> Consultation:
    return Consultation("walk", WORDS, WORDS, prompts)


def asked(walk: Consultation, answers: Answers) -> list[str]:
    return [prompt.key for prompt in asked_prompts(walk, answers)]


def key(prompt: Prompt | None) -> str | None:
    return prompt.key if prompt else None


BRANCHING = consultation(
    one("a"),
    one("b", Condition("a", Check.IS, ("x",))),
    one("c", Condition("b", Check.IS, ("y",))),
    one("d"),
)


def test_prompts_come_in_order_and_a_skip_counts_as_answered() -> None:
    assert key(next_prompt(BRANCHING, {})) == "a"
    assert key(next_prompt(BRANCHING, {"a": "x"})) == "b"
    assert key(next_prompt(BRANCHING, {"a": "x", "b": None})) == "d"
    assert next_prompt(BRANCHING, {"a": "y", "d": None}) is None


def test_what_was_said_to_a_prompt_that_is_no_longer_asked_decides_nothing() -> None:
    answers = {"a": "x", "b": "y", "c": "x", "d": "x"}
    assert asked(BRANCHING, answers) == ["a", "b", "c", "d"]
    assert asked(BRANCHING, {**answers, "a": "y"}) == ["a", "d"]
    assert next_prompt(BRANCHING, {**answers, "a": "y"}) is None


def test_a_changed_answer_brings_new_prompts_that_come_next() -> None:
    answers = {"a": "y", "d": "x"}
    assert next_prompt(BRANCHING, answers) is None
    assert key(next_prompt(BRANCHING, {**answers, "a": "x"}, after="a")) == "b"


def test_after_a_prompt_those_behind_it_come_before_those_left_behind() -> None:
    plain = consultation(one("a"), one("b"), one("c"))
    assert key(next_prompt(plain, {"b": "x"}, after="b")) == "c"
    assert key(next_prompt(plain, {"b": "x", "c": "x"}, after="c")) == "a"
    assert key(next_prompt(plain, {}, after="gone")) == "a"


def test_back_goes_to_the_one_asked_before() -> None:
    answers: Answers = {"a": "y"}
    assert key(previous_prompt(BRANCHING, answers, "d")) == "a"
    assert key(previous_prompt(BRANCHING, {"a": "x"}, "d")) == "b"
    assert previous_prompt(BRANCHING, answers, "a") is None
    assert previous_prompt(BRANCHING, answers, "gone") is None


def test_the_place_counts_what_is_asked_as_things_stand() -> None:
    assert place_of(BRANCHING, {"a": "y"}, "d") == (2, 2)
    assert place_of(BRANCHING, {"a": "x"}, "d") == (3, 3)
    assert place_of(BRANCHING, {"a": "x", "b": "y"}, "c") == (3, 4)


@st.composite
def walks(draw: st.DrawFn) -> Consultation:
    prompts: list[Prompt] = []
    for number in range(draw(st.integers(1, 7))):
        earlier = st.sampled_from([prompt.key for prompt in prompts]) if prompts else st.nothing()
        conditions = st.builds(
            Condition, earlier, st.sampled_from([Check.IS, Check.NOT]), st.sampled_from([("x",), ("y",), ("x", "y")])
        )
        prompts.append(one(f"p{number}", *draw(st.lists(conditions, max_size=2) if prompts else st.just([]))))
    return consultation(*prompts)


@given(walks(), st.data())
def test_every_walk_ends_having_asked_just_what_its_conditions_allow(walk: Consultation, data: st.DataObject) -> None:
    answers: dict[str, Value | None] = {}
    met: list[str] = []
    prompt = next_prompt(walk, answers)
    while prompt is not None:
        assert prompt.key not in answers
        assert prompt.is_asked(answers)
        place, places = place_of(walk, answers, prompt.key)
        assert 1 <= place <= places <= len(walk.prompts)
        before = previous_prompt(walk, answers, prompt.key)
        assert key(before) == (met[-1] if met else None)
        answers[prompt.key] = data.draw(st.sampled_from(["x", "y", None]))
        met.append(prompt.key)
        prompt = next_prompt(walk, answers, after=prompt.key)
    assert met == asked(walk, answers)


@given(walks(), st.dictionaries(st.sampled_from([f"p{n}" for n in range(8)]), st.sampled_from(["x", "y", None])))
def test_changing_any_answer_leaves_a_way_to_the_end(walk: Consultation, answers: dict[str, Value | None]) -> None:
    given_answers = dict(answers)
    for _ in range(len(walk.prompts) + 1):
        prompt = next_prompt(walk, given_answers)
        if prompt is None:
            break
        given_answers[prompt.key] = "x"
    assert next_prompt(walk, given_answers) is None
    assert all(prompt.key in given_answers for prompt in asked_prompts(walk, given_answers))
