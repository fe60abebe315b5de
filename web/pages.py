"""Pages: templates filled in for one reader. What a template may call is listed here and nowhere else.

`python -P -m web.pages` compiles them all, for a service that may not write beside its code.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from core.actions import action
from core.outbound import Picture
from core.ports import Clock
from core.receipts import read_code
from core.texts import Fill, Phrase, T, Texts, language_names
from web.parts import Parts
from web.protection import protect
from web.readers import LANGUAGE_COOKIE, Reader, stranger
from web.trouble import Trouble, wants_page
from web.visitors import remember
from web.wording import blacked_out, is_link, linked, paragraphs, shortened, told

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Pages:
    """In templates, `_("…", name=value)` and `ngettext("…", "…", count)` say a sentence of the catalogue."""

    def __init__(self, texts: Texts, clock: Clock, is_https: bool) -> None:
        self._texts, self._clock, self._is_https = texts, clock, is_https
        self._languages = language_names(texts.languages)

    def show(
        self, request: Request, template: str, reader: Reader, *, status: int = 200, **values: object
    ) -> HTMLResponse:
        """A whole page. A language asked for in the address is remembered for the next one."""
        response = HTMLResponse(self.fragment(template, reader, **values), status)
        response.headers["vary"] = "Accept, Accept-Language, Cookie"
        if request.query_params.get("lang") == reader.language:
            remember(response, LANGUAGE_COOKIE, reader.language, self._is_https)
        return response

    def fragment(self, template: str, reader: Reader, **values: object) -> str:
        ours = {"catalogue": self._texts, "languages": self._languages, "now": self._clock.now()}
        return _templates().get_template(template).render({"reader": reader, "here": "", **ours, **values})

    def refuse(self, request: Request, trouble: Trouble, again: Mapping[str, str] | None = None) -> Response:
        """Tells of a trouble without asking the store anything: the store may be what is broken. `again`: the fields of
        what was posted to the chat, to be sent once more."""
        reader = stranger(request, self._texts)
        if wants_page(request):
            response: Response = self.show(
                request, "trouble.html", reader, status=trouble.status, trouble=trouble, again=again or {}
            )
        else:
            sentence = self._texts.say(trouble.sentence, reader.language)
            response = JSONResponse({"error": sentence}, trouble.status)
        if trouble.status in (429, 503):
            response.headers["retry-after"] = "60" if trouble.status == 429 else "5"
        protect(response.raw_headers, request.url.path, self._is_https)
        return response


def pages_for(parts: Parts) -> Pages:
    return Pages(parts.texts, parts.clock, parts.is_https)


VENDORED = {"htmx.min.js": ("js_lib_htmx", "static/htmx/htmx.min.js")}
"""Scripts that come as packages: where in which of them each lies."""


def vendored(name: str) -> Path | None:
    """Where a script of a package's lies, without running any of the package."""
    if name not in VENDORED:
        return None
    package, inside = VENDORED[name]
    found = find_spec(package)
    return Path(found.submodule_search_locations[0]) / inside if found and found.submodule_search_locations else None


class Compiled(FileSystemBytecodeCache):
    """Templates as they were compiled, kept as Python keeps our modules and beside them. Where nothing can be written,
    nothing is kept."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def _templates() -> Environment:
    """Whatever is read or compiled of them is so once in a process."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        bytecode_cache=Compiled(str(HERE / "__pycache__")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        "_": _gettext,
        "ngettext": _ngettext,
        "static": _static_addresses().__getitem__,
        "action": action,
    }
    templates.filters |= {
        "said": _say,
        "linked": linked,
        "told": _tell,
        "blacked_out": _black_out,
        "paragraphs": paragraphs,
        "shortened": shortened,
    }
    templates.tests |= {"picture": lambda file: isinstance(file, Picture)}
    templates.tests |= {"link": is_link, "code": lambda text: read_code(text) is not None}
    return templates


@pass_context
def _gettext(context: Context, msgid: str, **values: Fill) -> str:
    return _say(context, Phrase(msgid, tuple(values.items())))


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int, **values: Fill) -> str:
    return _say(context, Phrase(one, (*values.items(), ("count", count)), many, count))


@pass_context
def _say(context: Context, words: Phrase) -> str:
    reader: Reader = context["reader"]
    return reader.say(context["catalogue"], words)


@pass_context
def _tell(context: Context, phrase: Phrase) -> Markup:
    return told(phrase, partial(_say, context))


@pass_context
def _black_out(context: Context, words: str) -> Markup:
    return blacked_out(words, _say(context, T("[blacked out]")))


def _static_addresses() -> dict[str, str]:
    """Each file's address with a mark of its content, so that it may be kept for ever and never be out of date."""
    files = {path.name: path for path in STATIC.iterdir() if path.is_file()}
    files |= {name: path for name in VENDORED if (path := vendored(name))}
    return {name: f"/static/{name}?v={sha256(file.read_bytes()).hexdigest()[:12]}" for name, file in files.items()}


def compile_all() -> None:
    for name in _templates().list_templates(["html"]):
        _templates().get_template(name)


if __name__ == "__main__":
    compile_all()
