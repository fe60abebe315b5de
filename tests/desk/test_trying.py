"""Talking a consultation through: it is the real engine, a jump of the clock brings what is due, and nothing stays."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from html import unescape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consultations import Anchor, Audience, Consultation, NudgeKind, NudgeStep
from core.deeds import By, Via
from core.drafts import Content
from core.nudges import Manners
from core.rehearsals import (
    MOST_STEPS,
    Heard,
    Jump,
    NotSent,
    Opens,
    Presses,
    Rehearsed,
    Says,
    Script,
    Submits,
    Waits,
    landing,
    read_script,
    write_script,
)
from core.texts import Localised
from tests.desk.stage import LEEDS, NOW, SECRETARY, YORK, Stage, consultation

HOUR = timedelta(hours=1)
PAGE = "/desk/consultations/city/try"


class Talk:
    """A script that grows, and what it leads to."""

    def __init__(self, stage: Stage, asked: Consultation, script: Script) -> None:
        self._stage, self._asked, self.script = stage, asked, script

    async def play(self) -> Rehearsed:
        return await self._stage.assembly.desk.rehearse(self._asked, self.script)

    async def does(self, *steps: Says | Presses | Opens | Submits | Waits) -> Rehearsed:
        for step in steps:
            self.script = self.script.then(step)
        return await self.play()

    async def presses(self, label: str) -> Rehearsed:
        """The last button that says so."""
        keys = [(h.number, key) for h in heard(await self.play()) for row in h.message.keys for key in row]
        number, key = next((number, key) for number, key in reversed(keys) if key.label == label)
        return await self.does(Presses(key.action, number))


def heard(played: Rehearsed) -> list[Heard]:
    return [line for line in played.lines if isinstance(line, Heard)]


def nudges(played: Rehearsed) -> list[NudgeKind]:
    return [line.nudge for line in heard(played) if line.nudge is not None]


def not_sent(played: Rehearsed) -> list[tuple[NudgeKind, str]]:
    return [(line.nudge, line.why) for line in played.lines if isinstance(line, NotSent)]


def asked(**changes: object) -> Consultation:
    small = consultation()
    kept = tuple(prompt for prompt in small.prompts if prompt.key in ("one", "idea"))
    return replace(small, **{"prompts": kept, **changes})  # type: ignore[arg-type]  # whatever a test is about


# --- the engine
async def test_a_member_is_invited_answers_and_is_thanked_after_the_closing(stage: Stage) -> None:
    talk = Talk(stage, asked(), Script(NOW))
    assert nudges(await talk.play()) == [NudgeKind.INVITATION]
    await talk.presses("Answer")
    await talk.presses("Parks")
    done = await talk.does(Says("Benches in the shade"))
    assert done.has_finished
    assert done.answers["one"] == "parks"
    assert any(re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", line.message.text) for line in heard(done)), "a receipt"
    after = await talk.does(Waits(Jump.AFTER))
    assert nudges(after) == [NudgeKind.INVITATION, NudgeKind.THANKS]
    assert (NudgeKind.CLOSING, "has answered") in not_sent(after)


async def test_whoever_says_nothing_gets_the_closing_call_and_no_thanks(stage: Stage) -> None:
    after = await Talk(stage, asked(), Script(NOW)).does(Waits(Jump.AFTER))
    assert nudges(after) == [NudgeKind.INVITATION, NudgeKind.CLOSING]
    assert not_sent(after) == [(NudgeKind.THANKS, "took no part")]


async def test_whoever_says_stop_hears_no_more(stage: Stage) -> None:
    after = await Talk(stage, asked(), Script(NOW)).does(Says("STOP"), Waits(Jump.AFTER))
    assert nudges(after) == [NudgeKind.INVITATION]
    assert not_sent(after)[0] == (NudgeKind.CLOSING, "said STOP")


async def test_in_the_quiet_hours_of_their_own_zone_an_invitation_waits_for_the_morning(stage: Stage) -> None:
    talk = Talk(stage, asked(), Script(NOW, timezone="Asia/Tokyo"))
    night = await talk.play()
    assert (nudges(night), not_sent(night)) == ([], [(NudgeKind.INVITATION, "quiet hours")])
    morning = await talk.does(Waits(Jump.MORNING))
    assert nudges(morning) == [NudgeKind.INVITATION]
    assert heard(morning)[0].at == datetime(2026, 5, 11, 23, tzinfo=UTC), "eight o’clock in Tokyo"


async def test_the_weekly_budget_holds_here_too(stage: Stage) -> None:
    often = tuple(
        NudgeStep(f"reminder-{n}", NudgeKind.REMINDER, Anchor.OPENING, timedelta(days=n), time(12)) for n in range(1, 6)
    )
    invitation = NudgeStep("invitation", NudgeKind.INVITATION, Anchor.OPENING)
    week = await Talk(stage, asked(nudges=(invitation, *often)), Script(NOW)).does(
        Waits(Jump.THREE_DAYS), Waits(Jump.THREE_DAYS)
    )
    assert len(nudges(week)) == Manners().budget
    assert "weekly budget" in dict(map(reversed, not_sent(week)))  # type: ignore[arg-type]


async def test_somebody_new_is_asked_for_their_consent_first(stage: Stage) -> None:
    talk = Talk(stage, asked(keyword="city"), Script(NOW, is_newcomer=True))
    assert heard(await talk.play()) == []
    greeted = await talk.does(Says("city"))
    assert not greeted.has_agreed
    assert (await talk.presses("Yes, I agree")).has_agreed


async def test_the_member_is_among_those_who_are_asked_and_reads_their_own_language(stage: Stage) -> None:
    theirs = asked(audience=Audience(("leeds",), ("transport",)))
    played = await Talk(stage, theirs, Script(NOW, language="cy")).play()
    assert heard(played)[0].message.title == "Am city"
    english_only = asked(audience=Audience(languages=("en",)))
    assert nudges(await Talk(stage, english_only, Script(NOW, language="cy")).play()) == []


async def test_a_consultation_without_an_opening_opens_when_the_rehearsal_begins(stage: Stage) -> None:
    played = await Talk(stage, asked(opens_at=None, closes_at=None), Script(NOW)).play()
    assert nudges(played) == [NudgeKind.INVITATION]
    assert not {Jump.CLOSING, Jump.AFTER} & {*played.jumps}


async def test_the_same_script_leads_to_the_same_conversation_whatever_was_played_between(stage: Stage) -> None:
    script = Script(NOW, (Says("/idea More trees"), Says("yes"), Waits(Jump.DAY)))
    first = await stage.assembly.desk.rehearse(asked(), script)
    await stage.assembly.desk.rehearse(asked(), Script(NOW, (Says("/idea Fewer trees"), Says("STOP"))))
    assert await stage.assembly.desk.rehearse(asked(), script) == first


async def test_nothing_of_a_rehearsal_is_kept(stage: Stage) -> None:
    before = await stage.assembly.store.health(NOW)
    await Talk(stage, asked(), Script(NOW)).does(Says("/idea More trees"), Says("yes"), Waits(Jump.AFTER))
    assert await stage.assembly.store.health(NOW) == before
    assert await stage.assembly.store.consultations() == ()


async def test_slacks_form_is_checked_and_taken_in(stage: Stage) -> None:
    required = asked(prompts=tuple(replace(prompt, required=True) for prompt in asked().prompts))
    talk = Talk(stage, required, Script(NOW))
    opened = await talk.does(Opens())
    assert opened.form is not None
    wrong = await talk.does(Submits({"one": "parks"}, ("one", "idea")))
    assert wrong.form is not None
    assert set(wrong.form.problems) == {"idea"}
    right = await talk.does(Submits({"one": "parks", "idea": "Shade"}, ("one", "idea")))
    assert (right.form, right.has_finished, right.answers["one"]) == (None, True, "parks")


# --- the script
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
steps = st.one_of(
    words.map(Says),
    st.builds(Presses, words, st.integers(0, 500)),
    st.just(Opens()),
    st.builds(Submits, st.dictionaries(words, words | st.lists(words).map(tuple), max_size=4), st.tuples(words)),
    st.sampled_from(Jump).map(Waits),
)
scripts = st.builds(
    Script, st.just(NOW), st.lists(steps, max_size=8).map(tuple), st.sampled_from(["en", "cy"]),
    st.none() | st.just("Europe/London"), st.booleans(),
)  # fmt: skip


@given(scripts)
def test_a_script_is_read_back_as_it_was_written(script: Script) -> None:
    assert read_script(write_script(script)) == script


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(str))
def test_what_is_no_script_is_none(written: str) -> None:
    assert read_script(written) is None


@pytest.mark.parametrize(
    "steps", ['[["say",""]]', '[["fly"]]', '[["press","home","x"]]', '[["wait","tomorrow"]]', '[["submit",[],[]]]', "7"]
)
def test_a_step_that_nobody_could_take_makes_it_no_script(steps: str) -> None:
    written = '{"at":"2026-05-12T14:05:00+00:00","language":"en","timezone":null,"new":false,"steps":[]}'
    assert read_script(written) is not None
    assert read_script(written.replace("[]}", steps + "}")) is None


def test_the_clock_only_ever_goes_on() -> None:
    evening = datetime(2026, 5, 12, 21, 30, tzinfo=UTC)
    late = asked(opens_at=evening, closes_at=evening + HOUR, outcome_at=None)
    assert landing(Jump.MORNING, late, "Europe/London", evening, Manners()) == datetime(2026, 5, 13, 7, tzinfo=UTC)
    assert landing(Jump.CLOSING, late, "UTC", evening + 2 * HOUR, Manners()) is None
    assert landing(Jump.OUTCOME, late, "UTC", evening, Manners()) is None


# --- the page
def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"there is no {name}"
    return unescape(found[1])


async def posts(browser: httpx.AsyncClient, page: str, **said: str | list[str]) -> str:
    answer = await browser.post(PAGE, data={"script": field(page, "script"), "channel": "telegram", **said})
    assert answer.status_code == 200
    return answer.text


async def test_it_is_talked_through_in_the_page_on_three_screens(stage: Stage) -> None:
    await stage.load(asked())
    browser = await stage.at_desk()
    page = (await browser.get(PAGE)).text
    assert "Nothing is sent to anybody" in page
    page = await posts(browser, page, press="1 begin:city")
    assert "Which one?" in page
    for channel in ("slack", "web", "telegram"):
        shown = await posts(browser, page, screen=channel)
        assert f"screen is-{channel}" in shown
        assert "Which one?" in shown
    page = await posts(browser, page, back="1")
    assert "Which one?" not in page
    page = await posts(browser, page, jump="after")
    assert "Closing call" in page
    assert "Closing call" not in await posts(browser, page, again="1")
    assert "Am city" in await posts(browser, page, settings="1", language="cy", timezone="UTC")


async def test_slacks_form_is_filled_in_in_the_page(stage: Stage) -> None:
    await stage.load(asked())
    browser = await stage.at_desk()
    page = await posts(
        browser, (await browser.get(f"{PAGE}?channel=slack")).text, channel="slack", press="1 begin:city"
    )
    assert 'name="field:one"' in page
    sent: dict[str, str | list[str]] = {
        "channel": "slack",
        "submit": "1",
        "field:one": "parks",
        "field:idea": "Shade",
        "shown": ["one", "idea"],
    }
    assert "The form was sent off." in await posts(browser, page, **sent)


async def test_what_members_and_organisers_write_does_no_harm(stage: Stage) -> None:
    await stage.load(asked(title=Localised.of("<script>alert(1)</script>\u202e")))
    browser = await stage.at_desk()
    page = await posts(browser, (await browser.get(PAGE)).text, text="<img src=x onerror=alert(1)>" + "😀" * 1000)
    assert "<script>alert" not in page
    assert "<img src=x" not in page


async def test_a_rehearsal_has_an_end(stage: Stage) -> None:
    await stage.load(asked())
    browser = await stage.at_desk()
    full = write_script(Script(NOW, (Says("hello"),) * MOST_STEPS))
    page = (await browser.post(PAGE, data={"script": full, "text": "one more"})).text
    assert "as long as a rehearsal gets" in page
    assert len((read_script(field(page, "script")) or Script(NOW)).steps) == MOST_STEPS


async def test_what_is_no_script_starts_again(stage: Stage) -> None:
    await stage.load(asked())
    browser = await stage.at_desk()
    page = (await browser.post(PAGE, data={"script": "{}", "text": "hello"})).text
    assert (read_script(field(page, "script")) or Script(NOW, (Says("?"),))).steps == ()


async def test_alone_it_is_a_piece_for_the_editors_side(stage: Stage) -> None:
    await stage.load(asked())
    browser = await stage.at_desk()
    for piece in ((await browser.get(f"{PAGE}?pane=1")), await browser.get(PAGE, headers={"hx-request": "true"})):
        assert piece.text.lstrip().startswith('<section class="try"')


# --- drafts
DRAFT = """
consultation: trees
title: More trees?
framing: In two minutes.
timezone: Europe/London
opens: 2026-06-01 09:00
closes: 2026-06-20 20:00
audience: {bodies: [leeds]}
prompts:
  - yesno: more
    ask: Would you like more trees?
"""


async def _draft(stage: Stage, text: str = DRAFT, body: str = "leeds") -> str:
    content = Content(text, "trees", "More trees?", Audience((body,)))
    return f"/desk/drafts/{await stage.assembly.desk.drafts.begin(content, By(Via.COMMAND, NOW))}"


async def test_a_draft_is_tried_out_as_it_stands(stage: Stage) -> None:
    address, browser = await _draft(stage), await stage.at_desk(LEEDS)
    page = (await browser.get(f"{address}/try")).text
    assert "More trees?" in page
    assert f'href="{address}"' in page
    press = {"script": field(page, "script"), "press": "1 begin:trees"}
    assert "Would you like more trees?" in (await browser.post(f"{address}/try", data=press)).text
    assert "reaches 2 members now" in (await browser.get(f"{address}/reach")).text
    assert "1 June 2026, 09:00" in (await browser.get(f"{address}/timeline")).text
    assert await stage.assembly.store.consultations() == ()


@pytest.mark.parametrize("page", ["try", "reach", "timeline"])
async def test_a_draft_with_mistakes_says_which_and_leads_back(stage: Stage, page: str) -> None:
    address, browser = await _draft(stage, DRAFT.replace("leeds", "leads")), await stage.at_desk()
    said = unescape((await browser.get(f"{address}/{page}")).text)
    assert "I know no “leads”. Did you mean “leeds”?" in said
    assert f'class="button primary" href="{address}"' in said
    assert (await browser.post(f"{address}/try", data={"text": "hello"})).status_code == 200


@pytest.mark.parametrize("page", ["try", "reach", "timeline"])
async def test_a_draft_of_another_branch_isnt_there(stage: Stage, page: str) -> None:
    address = await _draft(stage)
    grown = await _draft(stage, DRAFT.replace("audience: {bodies: [leeds]}\n", ""), "york")
    browser = await stage.at_desk(YORK)
    for path in (address, grown, "/desk/drafts/999", "/desk/drafts/x", "/desk/drafts/" + "9" * 30):
        assert (await browser.get(f"{path}/{page}")).status_code == 404


async def test_a_branch_has_nothing_of_anothers_to_try(stage: Stage) -> None:
    await stage.load(asked(audience=Audience(("york",))))
    browser = await stage.at_desk(LEEDS)
    assert (await browser.get(PAGE)).status_code == 404
    assert (await browser.post(PAGE, data={"text": "hello"})).status_code == 404
    assert (await (await stage.at_desk(YORK)).get(PAGE)).status_code == 200
    assert (await (await stage.at_desk(SECRETARY)).get(PAGE)).status_code == 403
