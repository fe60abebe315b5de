"""Coming to a consultation that isn't open."""

from datetime import timedelta

from core.consultations import Consultation
from core.events import ConsultationLoaded
from core.inbound import Pressed
from core.members import Address
from core.prompts import Prompt, PromptKind
from core.texts import Localised
from tests.fakes.town import Town

ANN = Address("slack:T1", "ann")
DAY = timedelta(days=1)


async def test_an_outcome_that_is_planned_is_not_told_before_its_time() -> None:
    town = Town()
    now, said = town.clock.now(), Localised.of
    one = Consultation(
        "parks", said("Parks"), said("Tell us."), (Prompt("one", PromptKind.TEXT, said("What?")),),
        opens_at=now - 3 * DAY, closes_at=now - DAY, outcome=said("We plant trees."), outcome_at=now + DAY,
    )  # fmt: skip
    await town.store.record([ConsultationLoaded(one, now)])
    await town.does(ANN, Pressed("begin:parks", "1"))
    [early] = await town.hears()
    await town.passes(2 * DAY)
    await town.does(ANN, Pressed("begin:parks", "1"))
    later = (await town.hears())[-1]
    assert "This consultation closed on" in early.message.text
    assert "We plant trees." not in early.message.text
    assert "We plant trees." in later.message.text
