"""The web chat as somebody without JavaScript uses it: forms over HTTP."""

import asyncio
import html
import re

import httpx

from tests.patience import PATIENCE


class Visitor:
    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=20)
        self.page = ""

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def opens(self, path: str = "/chat") -> str:
        answer = await self._http.get(path)
        assert answer.status_code == 200, answer.status_code
        self.page = answer.text
        return self.words

    async def opens_until(self, words: str) -> str:
        """Again and again, until these stand there."""
        ends = asyncio.get_running_loop().time() + PATIENCE
        while words not in await self.opens():
            assert asyncio.get_running_loop().time() < ends, f"{words!r} never stood there, but: {self.words}"
            await asyncio.sleep(0.2)
        return self.words

    async def says(self, text: str) -> str:
        return await self._posts({"text": text})

    async def presses(self, label: str) -> str:
        """The last button on the page that reads like that, with the hidden fields of its form."""
        for form in reversed(re.findall(r"<form\b.*?</form>", self.page, re.DOTALL)):
            for button in re.findall(r"<button\b.*?</button>", form, re.DOTALL):
                if html.unescape(re.sub(r"<[^>]+>", "", button)).strip() == label:
                    name, value = _attribute(button, "name"), _attribute(button, "value")
                    return await self._posts({**_hidden(form), name: value})
        raise AssertionError(f"there is no button {label!r} on the page:\n{self.words}")

    async def _posts(self, fields: dict[str, str]) -> str:
        nonce = re.search(r'name="key"[^>]*value="([^"]+)"', self.page)
        if nonce and "key" not in fields:
            fields["key"] = html.unescape(nonce[1])
        answer = await self.post(fields)
        assert answer.status_code == 200, (answer.status_code, answer.text[:300])
        self.page = answer.text
        return self.words

    async def post(self, fields: dict[str, str], **headers: str) -> httpx.Response:
        """A form of ours as it is posted, without looking at the page that comes back."""
        origin = str(self._http.base_url).rstrip("/")
        return await self._http.post("/chat", data=fields, headers={"origin": origin, **headers})

    @property
    def cookie(self) -> tuple[str, str]:
        """The name and value of the one that says who they are."""
        return next((cookie.name, cookie.value or "") for cookie in self._http.cookies.jar if "folkmoot" in cookie.name)

    @property
    def words(self) -> str:
        body = re.sub(r"<(script|style)\b.*?</\1>", " ", self.page, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def _hidden(form: str) -> dict[str, str]:
    inputs = (tag for tag in re.findall(r"<input\b[^>]*>", form) if 'type="hidden"' in tag)
    return {_attribute(tag, "name"): _attribute(tag, "value") for tag in inputs}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
