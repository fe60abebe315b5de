"""The pages of the desk and those for everybody, where 100,000 answers are there to be counted and listed.

Each page is asked for by one reader over a kept connection: once as nobody had asked before, then a few times more, of
which the median is told. Then everything is taken out as a file, in each form. What the process holds in memory when
that is over is set against what it holds where there is a twentieth as much.
"""

from collections.abc import Mapping
from statistics import median
from time import perf_counter

import httpx

from bench.databases import Ground
from bench.measuring import Ratio, Result, Target, Wrong
from bench.memory import MEGABYTE, resident
from bench.processes import answering, house
from bench.towns import Town, build
from tests.desk.full import SLUG

TARGET = Target(most=300.0)
FLAT = Target(most=1.2)
"""The memory after all pages and files with so many answers, against that with a twentieth of them."""
TIMES = 5
SECRET = "the same each time"  # noqa: S105  made up

OWN, FOR_ALL = f"/desk/consultations/{SLUG}", f"/consultations/{SLUG}"


def pages(town: Town) -> Mapping[str, str]:
    """By what they are called in the table: the address."""
    idea, member = f"/desk/ideas/{town.code}", f"/desk/members/{town.member}"
    asked = {
        "desk": ("/desk/consultations", "/desk/archive", "/desk/log", "/desk/sittings", "/desk/developers"),
        "consultation": tuple(
            f"{OWN}{part}"
            for part in (
                "", "/answers", "/answers?language=cy", "/answers?body=planning", "/answers/happy.png",
                "/answers/one_thing", "/answers/why_car", "/export", "/outcome", "/edit", "/archive", "/close",
                "/broadcast", "/reach", "/timeline", "/try",
            )
        ),
        "ideas": (
            "/desk/ideas", "/desk/ideas?sort=oldest", "/desk/ideas?sort=still", "/desk/ideas?sort=supported",
            "/desk/ideas?q=bus", "/desk/ideas?q=bench+tram", "/desk/ideas?q=a", f"/desk/ideas?q={town.code}",
            "/desk/ideas?body=planning", "/desk/ideas?stage=waiting", "/desk/ideas?stage=declined",
            f"/desk/ideas?consultation={SLUG}", "/desk/ideas?topic=transport", "/desk/ideas?attached=1",
            "/desk/ideas?hidden=1", "/desk/ideas?need=week", "/desk/ideas?need=late", idea, f"{idea}/talk",
        ),
        "members": (
            "/desk/members", "/desk/members?name=ada", "/desk/members?body=planning", "/desk/members?role=member",
            "/desk/members?channel=slack", "/desk/members?language=cy", "/desk/members?consent=stopped",
            "/desk/members?activity=active", "/desk/members?verified=no", "/desk/members?before=9000",
            "/desk/members/count?language=cy", "/desk/members/groups", "/desk/members/import", member,
            f"{member}/erase",
        ),
        "public": (
            "/", "/consultations", FOR_ALL, f"{FOR_ALL}/results", f"{FOR_ALL}/results.json", f"{FOR_ALL}/results.csv",
            f"{FOR_ALL}/ideas", f"{FOR_ALL}/card", f"{FOR_ALL}/preview.png", f"{FOR_ALL}/poster.pdf",
            f"{FOR_ALL}/qr.svg", "/preview.png", "/feed.xml", "/sitemap.xml", "/board", "/board.json", "/board.csv",
            "/board/planning", "/seals", "/ideas", f"/ideas/{town.code}", f"/ideas/{town.code}.json", "/developers",
        ),
    }  # fmt: skip
    return {address: group for group, addresses in asked.items() for address in addresses}


async def measure(ground: Ground, answers: int = 100_000) -> list[Result]:
    few = await _walk(ground, answers // 20)
    many = await _walk(ground, answers)
    usual = {address: median(seconds[1:]) * 1000 for address, seconds in many.took.items()}
    first = {address: seconds[0] * 1000 for address, seconds in many.took.items()}
    groups = pages(many.town)
    results = []
    for group in dict.fromkeys(groups.values()):
        worst = max((address for address in usual if groups[address] == group), key=usual.__getitem__)
        coldest = max((address for address in first if groups[address] == group), key=first.__getitem__)
        what = "for everybody" if group == "public" else f"of the desk: {group}"
        remark = f"{_shown(worst, many.town)}; as nobody had asked before {first[coldest]:.0f} ms"
        if coldest != worst:
            remark += f" ({_shown(coldest, many.town)})"
        name = f"slowest page {what}, with {many.town.answers:,} answers"
        results.append(Result(name, usual[worst], "ms", goal=TARGET, database=ground.kind.written, remark=remark))
    files = ", ".join(f"{name} in {seconds:.1f} s" for name, seconds in many.files.items())
    before = f"{many.before / MEGABYTE:.0f} MB before, {many.walked / MEGABYTE:.0f} MB after the pages"
    results.append(
        Result(
            f"memory after all pages and files, {many.town.answers:,} answers", many.after / MEGABYTE, "MB",
            few.after / MEGABYTE, f"with {few.town.answers:,}", Ratio.of([many.after], [few.after]), FLAT,
            ground.kind.written, f"{before}; {files}",
        )
    )  # fmt: skip
    return results


class _Walked:
    def __init__(self, town: Town) -> None:
        self.town = town
        self.took: dict[str, list[float]] = {}
        self.files: dict[str, float] = {}
        self.before = self.walked = self.after = 0


async def _walk(ground: Ground, answers: int) -> _Walked:
    url = await ground.url()
    town = await build(url, SECRET, answers)
    walked = _Walked(town)
    async with house(ground.folder(), DATABASE_URL=url, SECRET_KEY=SECRET) as built:
        process = built.start("web")
        await answering(built.port, process, "/healthz")
        walked.before = resident(process.pid)
        headers = {"accept": "text/html,*/*;q=0.8", "origin": built.url, "sec-fetch-site": "same-origin"}
        async with httpx.AsyncClient(base_url=built.url, headers=headers, timeout=60) as reader:
            reader.cookies.set("desk", town.secret)
            for address in pages(town):
                walked.took[address] = [await _ask(reader, address) for _ in range(TIMES + 1)]
            walked.walked = resident(process.pid)
            for form in ("csv", "json", "xlsx", "open"):
                begun = perf_counter()
                async with reader.stream("POST", f"{OWN}/export", data={"as": form}) as answer:
                    if answer.status_code != 200:
                        raise Wrong(f"{form}: {answer.status_code}")
                    async for _ in answer.aiter_raw():
                        pass
                walked.files[form] = perf_counter() - begun
            walked.after = resident(process.pid)
    await ground.drop(url)
    return walked


async def _ask(reader: httpx.AsyncClient, address: str) -> float:
    begun = perf_counter()
    answer = await reader.get(address)
    if answer.status_code != 200:
        raise Wrong(f"{address}: {answer.status_code}")
    return perf_counter() - begun


def _shown(address: str, town: Town) -> str:
    return address.replace(town.code, "CODE").replace(str(town.member), "1") if town.code in address else address
