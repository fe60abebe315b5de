"""Visitors are known again while the secret changes."""

from starlette.requests import Request
from starlette.responses import Response

from web.visitors import Visitors


def cookie_of(visitors: Visitors, user: str) -> Request:
    """The next request of a browser that was remembered."""
    response = Response()
    visitors.remember(response, user)
    cookie = response.headers["set-cookie"].partition(";")[0]
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())]})


def test_a_cookie_signed_with_the_secret_before_is_still_good_and_new_ones_are_signed_with_the_new() -> None:
    old, new = Visitors("old", is_https=False), Visitors("new", is_https=False)
    both = Visitors("new", is_https=False, before="old")
    assert both.recognise(cookie_of(old, "ada")) == "ada"
    assert both.recognise(cookie_of(new, "ada")) == "ada"
    assert new.recognise(cookie_of(both, "ada")) == "ada"
    assert new.recognise(cookie_of(old, "ada")) is None
    assert both.recognise(cookie_of(Visitors("another", is_https=False), "ada")) is None
