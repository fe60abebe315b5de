"""Names, titles and sentences without a space in them, on telephones and laptops: nothing pushes a page off the side,
neither those for everybody nor the desk’s, whatever is folded out on them."""

from dataclasses import replace
from pathlib import Path
from shutil import copy

import pytest
from playwright.async_api import Browser

from core.calendars import Recess
from core.consultations import Audience, Consultation, ResultsWhen
from core.events import AnswerGiven, BodiesLoaded, ConsentGiven, ConsultationBegun, ConsultationFinished
from core.members import Address, Role
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised
from tests.api.programs import token
from tests.browser.eyes import runs_off_the_side, what_runs_off
from tests.desk.inbox_stage import code_of, goes_on, of_planning, says
from tests.desk.stage import ADA, BODIES, BOT, CHIEF, DAY, NOW, SECRETARY, TOPICS, Stage, consultation, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORD = ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3)[:200]
WORDS = Localised.of(WORD)
SLUG = "abcdefghijklmnopqrstuvwx"
"""As long as one may be."""
WIDTHS = (360, 760, 1280)
"""A telephone; where tables have just become tables; a laptop."""


def _long(asked: Consultation) -> Consultation:
    """With long words wherever somebody writes any."""
    prompts = tuple(
        replace(
            one, text=WORDS, help=WORDS, low=WORDS, high=WORDS,
            options=tuple(replace(option, label=WORDS) for option in one.options),
        )
        for one in asked.prompts
    )  # fmt: skip
    return replace(
        asked, title=WORDS, framing=WORDS, prompts=prompts, results=ResultsWhen.LIVE, lists_ideas=True, body="planning",
        answer_days=30, keyword=SLUG,
    )  # fmt: skip


async def _build(stage: Stage) -> list[str]:
    """The addresses to be looked at."""
    bodies = tuple(replace(body, name=WORDS, recesses=(Recess(NOW.date(), NOW.date()),)) for body in BODIES.all)
    await stage.assembly.store.record([BodiesLoaded(bodies, tuple(replace(one, name=WORDS) for one in TOPICS))])
    over = replace(
        _long(consultation("decided")), closes_at=NOW - DAY, opens_at=NOW - 9 * DAY, outcome=WORDS,
        outcome_at=NOW - DAY, audience=Audience(bodies=("leeds", "york"), topics=("transport", "housing")),
    )  # fmt: skip
    await stage.load(_long(consultation(SLUG)), over)
    for number, who in enumerate((ADA, SECRETARY, *(Address(BOT, str(700 + n)) for n in range(5))), 1):
        await stage.turn(who, ConsentGiven(NOW), ConsultationBegun(SLUG, NOW), name=WORD)
        code = await says(stage, number, WORD, who=who, consultation=SLUG)
        given = (("one", "parks"), ("scale", 3), ("yesno", "yes"), ("number", 7), ("rank", ("bins", "parks", "buses")))
        words = (("words", WORD), ("idea", code))
        await stage.turn(who, *(AnswerGiven(SLUG, key, value, NOW) for key, value in (*given, *words)))
        await stage.turn(who, ConsultationFinished(SLUG, NOW))
    declined, hidden, *others = [code_of(number) for number in range(1, 8)]
    await goes_on(
        stage, declined, of_planning(EntryKind.ASKED, reason=WORD), Entry(EntryKind.REPLIED, NOW, WORD),
        of_planning(EntryKind.DECLINED, reason=WORD),
    )  # fmt: skip
    await goes_on(stage, hidden, Entry(EntryKind.HIDDEN, NOW, reason=WORD, by=Role.ORGANISER, rule=Rule.ABUSE))
    for code in others:
        await goes_on(
            stage, code, of_planning(EntryKind.DECLINED, NOW - 20 * DAY, reason=WORD), Entry(EntryKind.CLOSED, NOW),
            Entry(EntryKind.HEARD, NOW, WORD, score=2, body="planning"),
        )  # fmt: skip
    chief, ada = await stage.turn(CHIEF, name=WORD), await stage.turn(ADA)
    await token(stage)
    desk = await stage.at_desk()
    await desk.post("/desk/developers/hooks", data={"name": WORD[:100], "url": f"https://example.org/{WORD}",
                                                    "kind": "idea.received"})  # fmt: skip
    await desk.post("/desk/members/groups", data={"name": WORD[:60], "group": WORD[:60]})
    await desk.post(f"/desk/ideas/{others[0]}/talk/begin")
    made = await desk.post(f"/desk/consultations/{SLUG}/edit")
    draft = made.headers["location"].partition("?")[0].rstrip("/")
    own, everybodys = f"/desk/consultations/{SLUG}", f"/consultations/{SLUG}"
    return [
        "/", "/consultations", everybodys, f"{everybodys}/results", f"{everybodys}/ideas", f"{everybodys}/card",
        f"{everybodys}/card?prompt=one", "/consultations/decided", "/board", "/board/planning", f"/ideas?code={WORD}",
        f"/ideas/{declined}", f"/ideas/{hidden}", f"/ideas/{others[0]}", "/seals", "/chat",
        "/desk/consultations", own, f"{own}/answers", f"{own}/answers/words", f"{own}/answers/idea", f"{own}/outcome",
        f"{own}/export", f"{own}/try", "/desk/consultations/decided", "/desk/consultations/decided/outcome",
        draft, f"{draft}/try", f"{draft}/reach", f"{draft}/timeline", f"{draft}/publish", f"{draft}/file",
        "/desk/drafts/new", "/desk/archive", "/desk/ideas", f"/desk/ideas?q={WORD}", f"/desk/ideas/{declined}",
        f"/desk/ideas/{hidden}", f"/desk/ideas/{others[0]}/talk", "/desk/members", f"/desk/members?q={WORD}",
        f"/desk/members/{chief.id}", f"/desk/members/{ada.id}", "/desk/members/import", "/desk/developers", "/desk/log",
        "/desk/sittings",
    ]  # fmt: skip


async def test_no_long_word_pushes_a_page_off_the_side(browser: Browser, migrated_file: Path, tmp_path: Path) -> None:
    async with staged(Path(copy(migrated_file, tmp_path / "folkmoot.db"))) as stage:
        addresses = await _build(stage)
        desk = await stage.at_desk()
        context = await browser.new_context(base_url=stage.url)
        await context.add_cookies([{"name": "desk", "value": desk.cookies["desk"], "url": stage.url}])
        page, found = await context.new_page(), dict[str, object]()
        for address in addresses:
            answer = await page.goto(address)
            assert answer is not None
            assert answer.ok or answer.status == 422, (address, answer.status)
            await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 740})
                if await runs_off_the_side(page):
                    found[f"{address} at {width}"] = await what_runs_off(page)
        await context.close()
    assert not found, "\n".join(f"{address}: {those}" for address, those in found.items())
