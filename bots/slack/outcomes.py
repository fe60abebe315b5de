"""What Slack's refusals mean for a message: later, never, nobody there, or we can't know."""

from slack_sdk.errors import SlackApiError

from bots.slack.web_api import SLACK_FAULTS, Unreached, error_of, retry_after, status_of
from bots.slack.writing import Call
from core.deliveries import Gone, Outcome, Refused, Retry, Unknown

AGAIN = 10.0
"""Seconds to wait after a fault of Slack's or of the network."""
NO_TOKEN = 600.0
"""Seconds to wait where Slack no longer takes our token: somebody has to install us again."""

UNCHANGEABLE = frozenset(
    [
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "block_mismatch",
        "cant_broadcast_message",
        "is_inactive",
    ]
)
"""Of a change to an earlier message: say it anew."""
UNSEEN = frozenset(
    [
        "not_in_channel",
        "channel_not_found",
        "user_not_in_channel",
    ]
)
"""Of a message for one person in a channel: the app isn't in it, so say it to them directly."""

_TOKEN = frozenset(
    [
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "org_login_required",
        "ekm_access_denied",
        "team_access_not_granted",
        "not_allowed_token_type",
    ]
)
_GONE = frozenset(
    [
        "channel_not_found",
        "user_not_found",
        "user_not_visible",
        "user_disabled",
        "cannot_dm_bot",
        "users_not_found",
    ]
)
_WHOLE_WORKSPACE = frozenset({"message_limit_exceeded"})
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_SENTENCES = {
    "not_in_channel": "the app is not in this channel; invite it with /invite",
    "channel_not_found": "there is no such channel, or it is private and the app is not in it",
    "is_archived": "the channel is archived",
    "restricted_action": "the workspace lets nobody like us post in this channel",
    "messages_tab_disabled": "the app's Messages tab is switched off in its settings",
    "file_uploads_disabled": "the workspace lets nobody upload files",
    "file_upload_size_restricted": "the workspace takes no files as large as this",
    "missing_scope": "the app lacks a permission; install it again from the manifest",
}


def refused(error: SlackApiError, call: Call, *, private: bool) -> Outcome:
    """`private`: the message was for one person, so that a missing channel means a missing person."""
    name, status = error_of(error), status_of(error)
    why = _SENTENCES.get(name) or name or f"Slack answered with HTTP status {status}"
    if status == 429 or name in _LIMITED:
        # Posting is limited by channel; every other method is limited for the whole workspace.
        whole = name in _WHOLE_WORKSPACE or call.method != "chat.postMessage"
        return Retry(retry_after(error), "Slack asked us to wait", whole_lane=whole, counted=False, asked=True)
    if name in _TOKEN:
        return Retry(NO_TOKEN, f"Slack does not let us in ({why})", whole_lane=True)
    if status >= 500 or name in SLACK_FAULTS:
        return Retry(AGAIN, f"a fault at Slack ({why})")
    if name in _GONE and private:
        return Gone(why)
    if not name and status == 200:
        return Unknown("Slack's answer could not be read")
    return Refused(why)


def broken(error: Exception, call: Call) -> Outcome:
    """The connection failed. Changing a message twice is harmless; posting one twice is not."""
    why = f"no answer from Slack ({type(error).__name__})"
    if isinstance(error, Unreached):
        return Retry(AGAIN, "Slack could not be reached", whole_lane=True)
    if call.method in ("chat.update", "conversations.open", "files.getUploadURLExternal"):
        return Retry(AGAIN, why)
    return Unknown(why)
