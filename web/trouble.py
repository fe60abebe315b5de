"""Trouble: what a visitor is told when a request can't be granted, in the look of every other page."""

from http import HTTPStatus

from starlette.requests import Request

from core.texts import Phrase, T


class Trouble(Exception):
    """Ends a request with this status, a heading and a sentence that says what to do."""

    def __init__(self, status: int, heading: Phrase, sentence: Phrase) -> None:
        super().__init__(sentence.msgid)
        self.status, self.heading, self.sentence = status, heading, sentence


def nothing_here() -> Trouble:
    return Trouble(404, T("There is nothing here"), T("The address may have been mistyped, or the page has moved."))


def too_long() -> Trouble:
    return Trouble(413, T("That is too much at once"), T("We take up to one megabyte. Please send something shorter."))


def no_form() -> Trouble:
    return Trouble(
        415, T("That isn’t a kind we take"), T("What is sent here has to be a form, as our own pages send it.")
    )


def from_elsewhere() -> Trouble:
    return Trouble(
        403,
        T("That came from another site"),
        T("For your safety we only take what was sent from our own pages. Open the chat and try again."),
    )


def needs_cookie() -> Trouble:
    return Trouble(
        403,
        T("The chat needs one cookie"),
        T("It is how we know your side of the conversation. Allow cookies for this site, then open the chat again."),
    )


def too_fast() -> Trouble:
    return Trouble(
        429,
        T("That is faster than we can follow"),
        T("What you just sent wasn’t taken in. In a minute it can be sent again."),
    )


def too_many() -> Trouble:
    return Trouble(
        429,
        T("Too much comes from where you are"),
        T("Others may share your connection. What you just sent wasn’t taken in. In a minute it can be sent again."),
    )


def our_fault() -> Trouble:
    return Trouble(
        500, T("Something broke on our side"), T("It isn’t your doing. Please try again in a minute or two.")
    )


def not_now() -> Trouble:
    return Trouble(
        503,
        T("We can’t take this in just now"),
        T("Our memory can’t be reached. Please send it again in a minute; sending it twice does no harm."),
    )


def of_status(status: int) -> Trouble:
    match status:
        case HTTPStatus.NOT_FOUND:
            return nothing_here()
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return too_long()
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return our_fault()
        case _:
            return Trouble(status, T("That didn’t work"), T("Go back and try it another way."))


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
