"""The app's home page."""

from datetime import timedelta

from core.ideas import Idea
from core.members import Address, Member
from core.places import Source
from core.stories import Entry, EntryKind
from tests.fakes.slack_blocks import problems_of_view
from tests.fakes.slack_sender import event, press
from tests.fakes.slack_server import Failure
from tests.slack.asking import good_city
from tests.slack.conftest import NOW, Bot

ME = Address("slack:T1", "U1")
OPENED = {"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "home", "event_ts": "1700000000.000001"}


def idea(code: str, text: str, *kinds: EntryKind) -> Idea:
    story = (Entry(EntryKind.SAID, NOW, text), *(Entry(kind, NOW) for kind in kinds))
    return Idea(code, 1, Source("slack:T1", "U1", "1.1"), story)


async def test_it_lists_open_consultations_and_my_ideas_with_their_state(bot: Bot) -> None:
    bot.lookup.known.append(good_city())
    bot.lookup.members[ME] = Member(1, "Ada", "en", "Europe/London")
    bot.lookup.ideas[ME] = (
        idea("K7M4-QX2P", "A pond <here>", EntryKind.ACKNOWLEDGED),
        idea("0000-0000", "A lake", EntryKind.WITHDRAWN),
    )
    assert (await bot.sender.event(event(OPENED)))[0] == 200
    (published,) = bot.slack.called("views.publish")
    assert published["user_id"] == "U1"
    assert problems_of_view(published["view"]) == []
    page = str(published["view"])
    for words in ("What makes a good city?", "begin:good-city", "about:good-city", "3 March 2026, 12:00",
                  "*K7M4-QX2P* – received", "A pond &lt;here&gt;", "withdrawn", "story:K7M4-QX2P"):  # fmt: skip
        assert words in page
    assert bot.taken == []


async def test_who_has_begun_may_change_their_answers(bot: Bot) -> None:
    bot.lookup.known.append(good_city())
    bot.lookup.answers[ME, "good-city"] = {"home": "yes"}
    await bot.sender.event(event(OPENED))
    assert "Change my answers" in str(bot.slack.called("views.publish"))


async def test_a_stranger_sees_an_empty_page_and_the_messages_tab_publishes_nothing(bot: Bot) -> None:
    await bot.sender.event(event({**OPENED, "tab": "messages"}))
    assert bot.slack.called("views.publish") == []
    await bot.sender.event(event(OPENED))
    assert "Nothing is being asked just now." in str(bot.slack.called("views.publish"))


async def test_a_page_that_cannot_be_shown_is_not_asked_for_again(bot: Bot) -> None:
    bot.slack.fail("views.publish", Failure(status=500), Failure(drop=True))
    for _ in range(2):
        assert (await bot.sender.event(event(OPENED)))[0] == 200


async def test_a_full_page_stays_within_slacks_limits(bot: Bot) -> None:
    one = good_city()
    bot.lookup.known += [one] * 60
    bot.lookup.ideas[ME] = tuple(idea("K7M4-QX2P", "&" * 3_000, EntryKind.ACKNOWLEDGED) for _ in range(60))
    await bot.sender.event(event(OPENED))
    assert problems_of_view(bot.slack.called("views.publish")[0]["view"]) == []
    assert one.closes_at == NOW + timedelta(days=1)


async def test_its_buttons_are_answered_in_the_direct_message(bot: Bot) -> None:
    await bot.sender.interaction(press("story:K7M4-QX2P", type="view", message_ts=None, channel_id=None, channel=""))
    (inbound,) = bot.taken
    assert inbound.place.private
    assert inbound.place.chat == "U1"
