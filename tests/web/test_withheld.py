"""Words that may not be read: hidden, erased, blacked out. They are nowhere, and why is said."""

from collections.abc import Mapping

from markupsafe import escape
from starlette.responses import Response

from core.members import Address, Member
from core.standings import stand
from core.stories import Entry, EntryKind, Rule
from tests.web.examples import (
    ERASED,
    HIDDEN,
    REDACTED,
    SECRET,
    rich_stage,
)
from tests.web.stage import NOW, Stage, visiting
from web.visitors import Visitors
from web.wording import blacked_out


async def _all_that_is_shown(stage: Stage, code: str) -> Mapping[str, str]:
    paths = ("", ".json", "/receipt.json", "/attachments/1", "/preview.png")
    async with visiting(stage) as visitor:
        return {path: (await visitor.get(f"/ideas/{code}{path}")).text for path in paths}


async def test_hidden_words_are_nowhere_and_the_rule_and_who_decided_are() -> None:
    stage = rich_stage()
    await stage.ledger.seal(NOW, 1_000)
    shown = await _all_that_is_shown(stage, HIDDEN)
    for path, text in shown.items():
        assert SECRET not in text, path
        assert str(escape(SECRET)) not in text, path
    assert "hidden under the rule “no advertising”. An organiser decided so." in shown[""]
    assert "In the words of the organiser who decided" in shown[""]
    assert "It sells things." in shown[""]
    assert "An idea whose words are hidden" in shown[""]
    assert "Congress judges the appeal against its being hidden by" in shown[""]
    assert f"/ideas/{HIDDEN}/receipt.json" not in shown[""]
    assert '"hidden_under":"advertising"' in shown[".json"]
    assert '"text":null' in shown[".json"]


async def test_the_receipt_file_of_hidden_words_is_their_authors_alone() -> None:
    stage = rich_stage()
    stage.store.members = {
        Address("web", "ann"): Member(1, "Ann", "en"),
        Address("web", "bob"): Member(2, "Bob", "en"),
    }
    path = f"/ideas/{HIDDEN}/receipt.json"
    async with visiting(stage) as visitor:
        anybody = await visitor.get(path)
        other = await visitor.get(path, headers=_cookie_of("bob"))
        author = await visitor.get(path, headers=_cookie_of("ann"))
        page = (await visitor.get(f"/ideas/{HIDDEN}", headers=_cookie_of("ann"))).text
        shown_again = Entry(EntryKind.RESTORED, NOW, body="congress")
        stage.store.stories[HIDDEN] = stage.store.stories[HIDDEN].with_entry(shown_again)
        afterwards = await visitor.get(path)
    for refused in (anybody, other):
        assert (refused.status_code, list(refused.json())) == (403, ["error"])
    assert SECRET in author.text
    assert path in page
    assert SECRET not in page
    assert afterwards.status_code == 200


async def test_what_is_no_longer_hidden_can_be_read_again() -> None:
    stage = rich_stage()
    restored = Entry(EntryKind.RESTORED, NOW, body="congress", rule=Rule.ADVERTISING)
    stage.store.stories[HIDDEN] = stage.store.stories[HIDDEN].with_entry(restored)
    shown = await _all_that_is_shown(stage, HIDDEN)
    assert SECRET in shown[""]
    assert SECRET in shown[".json"]
    assert SECRET in shown["/receipt.json"]


async def test_an_erased_idea_says_so_and_its_story_stands() -> None:
    stage = rich_stage()
    shown = await _all_that_is_shown(stage, ERASED)
    assert '<p class="where">An idea by a former member, erased at their request.</p>' in shown[""]
    assert "<blockquote" not in shown[""]
    assert "Words were taken out of it, and it says so." in shown[""]
    assert '"state":"erased"' in shown[".json"]
    assert stand(stage.store.stories[ERASED].story).stage == "erased"


async def test_blacked_out_words_are_one_bar_to_the_eye_and_two_words_to_the_ear() -> None:
    async with visiting(rich_stage()) as visitor:
        page = (await visitor.get(f"/ideas/{REDACTED}")).text
    bar = '<span class="black" aria-hidden="true">████ ██████</span><span class="unseen">[blacked out]</span> at '
    assert bar in page
    assert "It named somebody and their number." in page


def test_what_stands_beside_a_bar_stays_text() -> None:
    said = blacked_out("<b>█</b> & ██", "[out]")
    assert said.startswith('&lt;b&gt;<span class="black"')
    assert said.count("[out]") == 2


def _cookie_of(user: str) -> dict[str, str]:
    response = Response()
    Visitors("a secret of this test", is_https=False).remember(response, user)
    return {"cookie": response.headers["set-cookie"].partition(";")[0]}
