"""Raw updates and what they are read as."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bots.telegram.reading import Document, read_document, read_json, read_update
from core.ideas import Attachment, AttachmentKind
from core.inbound import (
    LONGEST_TEXT,
    Commanded,
    Deed,
    Edited,
    Inbound,
    Left,
    Moved,
    Pressed,
    Quoted,
    Returned,
    Said,
)
from core.members import Address
from core.places import Place
from tests.fakes.telegram_payloads import (
    ANONYMOUS_ADMIN,
    BOT_ID,
    BOT_NAME,
    NOON,
    Json,
    bot_user,
    build_update,
    document,
    group_chat,
    membership,
    message,
    photo,
    press,
    private_chat,
    reply_to,
    user,
    voice,
)

ACCOUNT = f"telegram:{BOT_ID}"
AT = datetime.fromtimestamp(NOON, UTC)
RECEIVED = AT + timedelta(hours=1)
ANN, BEN = user(1001, "Ann", "cy"), user(1002, "Ben", "en-GB", last_name="Bevan")
GROUP = group_chat(-1_001_000_000_500)
CHANNEL = {"id": -1_002_000_000_001, "type": "channel", "title": "News"}
PHOTO = Attachment(AttachmentKind.PHOTO, ACCOUNT, "AgACAgQAAx-photo-y", "image/jpeg")
VOICE = Attachment(AttachmentKind.VOICE, ACCOUNT, "AwACAgQAAx-voice", "audio/ogg")


def read(update: Json) -> Inbound | None:
    parsed = read_json(update)
    assert parsed is not None
    return read_update(parsed, ACCOUNT, BOT_NAME, RECEIVED)


def said(content: Json, kind: str = "message") -> Inbound | None:
    return read(build_update(kind, content))


def ann(text: str | None = None, **more: Any) -> Json:
    return message(text, sender=ANN, number=7, **more)


def in_group(text: str | None = None, **more: Any) -> Json:
    return message(text, sender=ANN, chat=GROUP, number=7, **more)


def test_words_in_private_are_read_with_who_where_and_when() -> None:
    assert said(ann("More trees")) == Inbound(
        key=f"{ACCOUNT}:900001",
        sender=Address(ACCOUNT, "1001"),
        place=Place(ACCOUNT, "1001"),
        at=AT,
        deed=Said("More trees", "7"),
        name="Ann",
        locale="cy",
    )


PRIVATE: list[tuple[str, Json, Deed | None]] = [
    ("a command", ann("/mine"), Commanded("mine", "", "7")),
    ("a deep link", ann("/start c_good-city"), Commanded("start", "c_good-city", "7")),
    ("capitals and our name", ann(f"/Idea@{BOT_NAME.upper()} More"), Commanded("idea", "More", "7")),
    ("an argument of several lines", ann("/load a: 1\n  b: 2\n"), Commanded("load", "a: 1\n  b: 2", "7")),
    ("a line break behind the command", ann("/idea\nMore trees"), Commanded("idea", "More trees", "7")),
    ("a command to another bot", ann("/idea@other_bot More"), None),
    ("a path is no command", ann("/etc/hosts is empty"), Said("/etc/hosts is empty", "7")),
    ("a photo alone", ann(photo=photo()), Said("", "7", (PHOTO,))),
    ("a photo with words", ann(photo=photo(), caption="This corner"), Said("This corner", "7", (PHOTO,))),
    ("a photo with a command", ann(photo=photo(), caption="/idea It"), Commanded("idea", "It", "7", None, (PHOTO,))),
    ("a voice note", ann(voice=voice()), Said("", "7", (VOICE,))),
    ("a sticker", ann(sticker={"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                               "is_animated": False, "is_video": False}), None),
    ("a new kind of message", ann(hologram={"file_id": "h"}), None),
    ("NUL and a lone surrogate", ann("a\0b\ud83dc"), Said("ab\ufffdc", "7")),
    ("a megabyte", ann("x" * 1_000_000), Said("x" * (LONGEST_TEXT + 1), "7")),
    ("another bot", message("hello", sender=bot_user(), chat=private_chat(ANN)), None),
]  # fmt: skip


@pytest.mark.parametrize(("content", "deed"), [row[1:] for row in PRIVATE], ids=[row[0] for row in PRIVATE])
def test_a_private_message_is_read_as(content: Json, deed: Deed | None) -> None:
    inbound = said(content)
    assert (inbound.deed if inbound else None) == deed


FILES = [
    ("audio", {"duration": 3, "mime_type": "audio/mpeg"}, "audio/mpeg"),
    ("video", {"duration": 3, "width": 1, "height": 1, "mime_type": "video/mp4"}, "video/mp4"),
    ("video_note", {"duration": 3, "length": 1}, "video/mp4"),
    ("document", {"file_name": "plan.pdf", "mime_type": "application/pdf"}, "application/pdf"),
    ("document", {"file_name": "plan"}, "application/octet-stream"),
]


@pytest.mark.parametrize(("kind", "fields", "media_type"), FILES)
def test_other_files_are_kept_by_their_id(kind: str, fields: Json, media_type: str) -> None:
    more: dict[str, Any] = {kind: {"file_id": "F1", "file_unique_id": "u", **fields}}
    inbound = said(ann(None, **more))
    assert inbound is not None
    assert inbound.deed == Said("", "7", (Attachment(AttachmentKind.FILE, ACCOUNT, "F1", media_type),))


def test_an_animation_is_one_file_though_it_comes_as_a_document_too() -> None:
    file = {"file_id": "G", "file_unique_id": "u", "mime_type": "video/mp4"}
    inbound = said(ann(animation={**file, "width": 1, "height": 1, "duration": 1}, document=file))
    assert inbound is not None
    assert isinstance(inbound.deed, Said)
    assert len(inbound.deed.attachments) == 1


# --- groups
GROUP_TALK: list[tuple[str, Json, Deed | None]] = [
    ("plain talk", in_group("More trees"), None),
    ("a photo", in_group(photo=photo(), caption="Look"), None),
    ("a command", in_group("/idea More trees"), Commanded("idea", "More trees", "7")),
    ("a command to us", in_group(f"/idea@{BOT_NAME} More"), Commanded("idea", "More", "7")),
    ("a command to another bot", in_group("/idea@other_bot More"), None),
    ("an anonymous admin", message("/idea x", sender=ANONYMOUS_ADMIN, chat=GROUP, sender_chat=GROUP), None),
    ("a channel's post passed on", in_group("/idea x", sender_chat=CHANNEL), None),
    ("somebody joins", in_group(new_chat_members=[BEN]), None),
    ("it becomes a supergroup", in_group(migrate_to_chat_id=-1_001_000_000_777), Moved("-1001000000777")),
]  # fmt: skip


@pytest.mark.parametrize(("content", "deed"), [row[1:] for row in GROUP_TALK], ids=[row[0] for row in GROUP_TALK])
def test_in_a_group_only_commands_are_ours(content: Json, deed: Deed | None) -> None:
    inbound = said(content)
    assert (inbound.deed if inbound else None) == deed
    if inbound:
        assert inbound.place == Place(ACCOUNT, str(GROUP["id"]), private=False)


def test_a_forum_topic_is_a_thread_and_a_thread_of_replies_is_none() -> None:
    topic = said(in_group("/idea x", message_thread_id=44, is_topic_message=True))
    replies = said(in_group("/idea x", message_thread_id=44))
    assert topic is not None
    assert topic.place.thread == "44"
    assert replies is not None
    assert replies.place.thread is None


def test_a_command_in_reply_quotes_the_message_replied_to() -> None:
    earlier = message("Benches by the river", sender=BEN, chat=GROUP, number=5, date=NOON - 60)
    inbound = said(in_group("/idea", reply_to_message=reply_to(earlier)))
    quoted = Quoted(Address(ACCOUNT, "1002"), "Ben", "Benches by the river", "5", AT - timedelta(seconds=60))
    assert inbound is not None
    assert inbound.deed == Commanded("idea", "", "7", quoted)


def test_a_quoted_photo_comes_with_its_caption() -> None:
    earlier = message(sender=BEN, chat=GROUP, number=5, photo=photo(), caption="Here")
    inbound = said(in_group("/idea", reply_to_message=reply_to(earlier)))
    assert inbound is not None
    assert isinstance(inbound.deed, Commanded)
    assert inbound.deed.quoted is not None
    assert (inbound.deed.quoted.text, inbound.deed.quoted.attachments) == ("Here", (PHOTO,))


NOBODYS_WORDS = [
    message("I am a bot", sender=bot_user(), chat=GROUP, number=5),
    message("From the channel", sender=user(777000, "Telegram"), chat=GROUP, number=5, sender_chat=GROUP),
    message(sender=BEN, chat=GROUP, number=5, forum_topic_created={"name": "Parks", "icon_color": 7322096}),
]


@pytest.mark.parametrize("earlier", NOBODYS_WORDS)
def test_a_bots_a_channels_or_no_words_are_not_quoted(earlier: Json) -> None:
    inbound = said(in_group("/idea", reply_to_message=earlier))
    assert inbound is not None
    assert inbound.deed == Commanded("idea", "", "7")


# --- edits, presses, coming and going
EDITS: list[tuple[str, Json, Deed | None]] = [
    ("words", ann("More oaks", edit_date=NOON + 9), Edited("More oaks", "7")),
    ("a caption", ann(photo=photo(), caption="There", edit_date=NOON + 9), Edited("There", "7")),
    ("a command's argument", in_group("/idea More oaks", edit_date=NOON + 9), Edited("More oaks", "7")),
    ("a command left bare", in_group("/idea", edit_date=NOON + 9), None),
    ("a live location", ann(location={"latitude": 1.0, "longitude": 2.0}, edit_date=NOON + 9), None),
]


@pytest.mark.parametrize(("content", "deed"), [row[1:] for row in EDITS], ids=[row[0] for row in EDITS])
def test_an_edited_message_is_read_as_it_reads_now(content: Json, deed: Deed | None) -> None:
    inbound = said(content, "edited_message")
    assert (inbound.deed if inbound else None) == deed
    if inbound:
        assert inbound.at == AT + timedelta(seconds=9)


def test_a_press_is_by_whoever_pressed_in_the_chat_of_the_message() -> None:
    ours = message("Well?", sender=bot_user(), chat=GROUP, number=8, message_thread_id=44, is_topic_message=True)
    assert said(press("consent:yes", ours, sender=BEN, callback="cb1"), "callback_query") == Inbound(
        key=f"{ACCOUNT}:900001",
        sender=Address(ACCOUNT, "1002"),
        place=Place(ACCOUNT, str(GROUP["id"]), private=False, thread="44"),
        at=RECEIVED,
        deed=Pressed("consent:yes", "8", "cb1"),
        name="Ben",
        locale="en-GB",
    )


def test_a_press_on_a_message_too_old_to_show_is_still_a_press() -> None:
    gone = {"chat": private_chat(ANN), "message_id": 8, "date": 0}
    inbound = said(press("home", gone, sender=ANN, callback="cb1"), "callback_query")
    assert inbound is not None
    assert inbound.deed == Pressed("home", "8", "cb1")
    assert inbound.place == Place(ACCOUNT, "1001")


def test_a_press_without_a_message_or_data_is_nobodys_business() -> None:
    of_inline = {"id": "1", "from": ANN, "inline_message_id": "x", "chat_instance": "1", "data": "home"}
    of_game = {"id": "1", "from": ANN, "message": ann("x"), "chat_instance": "1", "game_short_name": "chess"}
    assert said(of_inline, "callback_query") is None
    assert said(of_game, "callback_query") is None


@pytest.mark.parametrize(
    ("status", "deed"), [("kicked", Left("the member blocked the bot")), ("member", Returned()), ("left", None)]
)
def test_a_block_is_leaving_and_its_end_returning(status: str, deed: Deed | None) -> None:
    inbound = said(membership(status, sender=ANN), "my_chat_member")
    assert (inbound.deed if inbound else None) == deed


def test_being_added_to_or_removed_from_a_group_is_no_members_deed() -> None:
    assert said(membership("kicked", sender=ANN, chat=GROUP), "my_chat_member") is None


POLL = {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
        "type": "regular", "allows_multiple_answers": False}  # fmt: skip
OTHERS = [
    build_update("channel_post", message("x", chat=CHANNEL)),
    build_update("inline_query", {"id": "1", "from": ANN, "query": "x", "offset": ""}),
    build_update("poll", POLL),
    build_update("something_new", {"a": 1}),
    {"update_id": 5},
]


@pytest.mark.parametrize("update", OTHERS)
def test_other_kinds_of_updates_are_nobodys_business(update: Json) -> None:
    parsed = read_json(update)
    assert parsed is None or read_update(parsed, ACCOUNT, BOT_NAME, RECEIVED) is None


def test_a_name_is_cut_and_a_language_may_be_missing() -> None:
    inbound = said(message("x", sender=user(1, "A" * 300, None)))
    assert inbound is not None
    assert (inbound.name, inbound.locale) == ("A" * 64, None)


# --- files with commands
@pytest.mark.parametrize(
    ("name", "size", "caption", "found"),
    [
        ("city.yaml", 900, "/load", True),
        ("City.YML", 900, f"/check@{BOT_NAME}", True),
        ("city.yaml", 256 * 1024 + 1, "/load", False),
        ("city.pdf", 900, "/load", False),
        ("city.yaml", 900, "/idea", False),
        ("city.yaml", 900, "", False),
    ],
)
def test_a_yaml_file_belongs_to_a_command_that_takes_one(name: str, size: int, caption: str, found: bool) -> None:
    update = read_json(build_update("message", ann(document=document("D1", name, size), caption=caption)))
    assert update is not None
    assert read_document(update, BOT_NAME) == (Document("D1") if found else None)


@pytest.mark.parametrize("payload", [None, [], "x", 5, {}, {"update_id": 1, "message": {"chat": 1}}])
def test_json_that_is_no_update_is_read_as_none(payload: object) -> None:
    assert read_json(payload) is None
