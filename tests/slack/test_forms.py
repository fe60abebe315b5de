"""The modal of a consultation: its fields, what they bring about, what is wrong with them."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bots.slack.fields import Given
from bots.slack.forms import Forms, as_given, read, shown_in
from core.answers import LONGEST_IDEA
from core.consultations import Consultation
from core.prompts import Answers, Option, Prompt, PromptKind
from core.texts import Texts
from tests.fakes.slack_blocks import problems_of_view
from tests.slack.asking import L, good_city


def view(
    consultation: Consultation, values: Answers | None = None, earlier: Answers | None = None, language: str = "en"
) -> dict[str, object]:
    given = {key: value for key, value in (values or {}).items() if isinstance(value, str | tuple)}
    forms = Forms(consultation, earlier or {}, Texts({}), language)
    return forms.view(given, chat="C1", direct="https://example.org", asks_consent=False)


def fields(shown: dict[str, object]) -> dict[str, dict[str, object]]:
    blocks = shown["blocks"]
    assert isinstance(blocks, list)
    return {block["block_id"]: block for block in blocks if block["type"] == "input"}


def test_every_kind_of_prompt_has_its_field() -> None:
    shown = view(good_city(), {"home": "yes", "claim": "agree"})
    assert problems_of_view(shown) == []
    kinds = {key: block["element"]["type"] for key, block in fields(shown).items()}  # type: ignore[index]
    assert kinds == {
        "idea": "plain_text_input",
        "home": "radio_buttons",
        "years": "number_input",
        "travel": "radio_buttons",
        "likes": "checkboxes",
        "order/1": "static_select",
        "order/2": "static_select",
        "order/3": "static_select",
        "mood": "radio_buttons",
        "claim": "radio_buttons",
        "why": "plain_text_input",
    }


def test_only_prompts_that_others_hang_on_tell_slack_at_once() -> None:
    steering = {key for key, block in fields(view(good_city())).items() if block.get("dispatch_action")}
    assert steering == {"home", "claim"}


def test_prompts_that_are_not_asked_are_not_shown() -> None:
    assert {"years", "why"} & shown_in(view(good_city())) == set()
    assert {"years", "why"} <= shown_in(view(good_city(), {"home": "yes", "claim": "agree"}))


def test_the_title_is_cut_and_said_in_full_above_the_questions() -> None:
    shown = view(replace(good_city(), title=L("A very long title for a small window")), language="cy")
    assert shown["title"] == {"type": "plain_text", "text": "A very long title for a…", "emoji": True}
    assert shown["blocks"][0]["text"]["text"] == "A very long title for a small window"  # type: ignore[index]


def test_earlier_answers_stand_in_the_fields_and_ideas_do_not() -> None:
    earlier: Answers = {
        "idea": "K7M4-QX2P", "home": "yes", "years": 12.5, "likes": ("bus", "car"), "order": ("car", "bus", "bike"),
        "mood": 4, "travel": None, "gone": "x",
    }  # fmt: skip
    given = as_given(good_city(), earlier)
    assert given == {
        "home": "yes", "years": "12.5", "likes": ("bus", "car"), "order": ("car", "bus", "bike"), "mood": "4",
    }  # fmt: skip
    shown = fields(Forms(good_city(), earlier, Texts({}), "en").view(given, chat=None, direct="", asks_consent=False))
    assert shown["mood"]["element"]["initial_option"]["value"] == "4"  # type: ignore[index]
    assert shown["order/1"]["element"]["initial_option"]["value"] == "car"  # type: ignore[index]
    assert shown["idea"]["optional"] is True
    assert "K7M4-QX2P" in shown["idea"]["hint"]["text"]  # type: ignore[index]


def test_words_too_long_for_a_field_are_kept_where_it_is_left_empty() -> None:
    earlier: Answers = {"idea": "K7M4-QX2P", "claim": "agree", "why": "x" * 3_500}
    consultation = good_city()
    assert "why" not in as_given(consultation, earlier)
    assert problems_of_view(view(consultation, {"claim": "agree"}, earlier)) == []
    reading = read(consultation, {"claim": "agree"}, earlier)
    assert (reading.values["why"], reading.problems) == ("x" * 3_500, {})


def test_a_newcomer_is_asked_for_consent_in_the_form() -> None:
    forms = Forms(good_city(), {}, Texts({}), "en")
    shown = forms.view({}, chat=None, direct="https://example.org", asks_consent=True)
    assert problems_of_view(shown) == []
    assert "consent" in shown_in(shown)


def test_what_is_wrong_is_said_at_the_field() -> None:
    consultation = good_city()
    values: dict[str, Given] = {
        "idea": "?",
        "home": "yes",
        "years": "200",
        "likes": ("bus", "bike", "car"),
        "order": ("bus", "bus"),
    }
    reading = read(consultation, values, {})
    assert Forms(consultation, {}, Texts({}), "en").errors(reading.problems) == {
        "idea": "Please say it in a few words.",
        "years": "Please send a number from 0 to 120.",
        "likes": "Please pick at most 2.",
        "order/1": "Please put all 3 in order, the best first.",
    }


def test_a_required_prompt_left_empty_is_a_problem_and_a_prompt_not_asked_is_dropped() -> None:
    reading = read(good_city(), {"why": "Because"}, {})
    assert set(reading.problems) == {"idea"}
    assert reading.values == {}


def test_many_options_become_a_menu_and_long_labels_are_spelt_out() -> None:
    options = tuple(Option(f"o{n}", L(f"Option {n} " + "long " * 20)) for n in range(40))
    consultation = replace(
        good_city(),
        prompts=(
            Prompt("one", PromptKind.ONE, L("Which?"), options=options),
            Prompt("many", PromptKind.MANY, L("Which?"), options=options),
        ),
    )
    shown = view(consultation)
    assert problems_of_view(shown) == []
    assert [block["element"]["type"] for block in fields(shown).values()] == ["static_select", "multi_static_select"]  # type: ignore[index]


def test_what_does_not_fit_a_modal_says_so_and_leads_to_the_direct_messages() -> None:
    too_many = tuple(Prompt(f"p{n}", PromptKind.YESNO, L(f"Question {n}")) for n in range(120))
    too_wide = (Prompt("one", PromptKind.ONE, L("?"), options=tuple(Option(f"o{n}", L("x")) for n in range(101))),)
    for prompts in (too_many, too_wide):
        shown = view(replace(good_city(), prompts=prompts))
        assert problems_of_view(shown) == []
        assert "submit" not in shown
        assert "https://example.org" in str(shown["blocks"])


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.just("&<>🌳" * 900)
prompts = st.builds(
    Prompt,
    key=st.just("p"),
    kind=st.sampled_from(PromptKind),
    text=words.map(L),
    help=st.none() | words.map(L),
    options=st.integers(2, 14).flatmap(
        lambda n: st.tuples(*[st.builds(Option, st.just(f"o{i}"), words.map(L)) for i in range(n)])
    ),
    required=st.booleans(),
)


@settings(max_examples=40)
@given(st.lists(prompts, min_size=1, max_size=6), words, st.booleans())
def test_every_form_is_within_slacks_limits(asked: list[Prompt], title: str, asks_consent: bool) -> None:
    numbered = tuple(replace(prompt, key=f"p{n}") for n, prompt in enumerate(asked))
    consultation = replace(good_city(), title=L(title), framing=L(title), prompts=numbered)
    forms = Forms(consultation, {}, Texts({}), "en")
    shown = forms.view({}, chat="C1", direct="https://example.org", asks_consent=asks_consent)
    assert problems_of_view(shown) == []


@given(st.dictionaries(st.sampled_from([p.key for p in good_city().prompts]), words | st.lists(words).map(tuple)))
def test_whatever_stands_in_the_fields_is_read(values: dict[str, str | tuple[str, ...]]) -> None:
    reading = read(good_city(), values, {})
    Forms(good_city(), {}, Texts({}), "en").errors(reading.problems)
    assert set(reading.values) <= {prompt.key for prompt in reading.asked}


assert LONGEST_IDEA <= 3_000, "an idea must fit a field of Slack's"
