"""The desk behind its address: opened by whoever comes first, and by nobody who goes elsewhere."""

import pytest

from tests.desk.stage import Stage


@pytest.mark.parametrize(
    ("address", "status"),
    [("/desk/consultations", 200), ("/desk/nowhere", 404), ("/desks", 404), ("/desk/consultations/nowhere", 404)],
)
async def test_what_is_there_is_found_and_what_is_not_says_so_on_a_page(
    stage: Stage, address: str, status: int
) -> None:
    desk = await stage.at_desk()
    answer = await desk.get(address)
    assert answer.status_code == status
    assert "<main" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


async def test_a_way_of_asking_that_is_not_meant_is_refused(stage: Stage) -> None:
    desk = await stage.at_desk()
    answer = await desk.delete("/desk/consultations")
    assert answer.status_code == 405
    assert answer.headers["allow"]


async def test_whoever_has_not_come_in_is_led_to_the_door(stage: Stage) -> None:
    answer = await (await stage.browser()).get("/desk/members")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/enter?then=%2Fdesk%2Fmembers"
