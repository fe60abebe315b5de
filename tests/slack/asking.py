"""A consultation with every kind of prompt, as the tests ask it."""

from datetime import timedelta

from core.consultations import Consultation
from core.prompts import Condition, Option, Prompt, PromptKind, Test
from core.texts import Localised
from tests.slack.conftest import NOW

L = Localised.of
TRAVEL = (Option("bus", L("By bus")), Option("bike", L("By bike")), Option("car", L("By car")))


def good_city() -> Consultation:
    return Consultation(
        slug="good-city",
        title=L({"en": "What makes a good city?", "cy": "Beth sy’n gwneud dinas dda?"}),
        framing=L("Tell us & we listen."),
        prompts=(
            Prompt("idea", PromptKind.IDEA, L("Your idea?"), required=True),
            Prompt("home", PromptKind.YESNO, L("Do you live here?")),
            Prompt("years", PromptKind.NUMBER, L("For how long?"), least=0, most=120, when=(_if("home", "yes"),)),
            Prompt("travel", PromptKind.ONE, L("How do you travel?"), options=TRAVEL),
            Prompt("likes", PromptKind.MANY, L("What do you like?"), options=TRAVEL, most=2),
            Prompt("order", PromptKind.RANK, L("Put them in order"), options=TRAVEL),
            Prompt("mood", PromptKind.SCALE, L("How is it?"), low=L("Bad"), high=L("Good"), most=5),
            Prompt("claim", PromptKind.STATEMENT, L("Parks matter.")),
            Prompt("why", PromptKind.TEXT, L("Why?"), help=L("In your own words."), when=(_if("claim", "agree"),)),
            Prompt("old", PromptKind.TEXT, L("What was it like?"), when=(Condition("years", Test.ABOVE, (50,)),)),
        ),
        opens_at=NOW - timedelta(days=1),
        closes_at=NOW + timedelta(days=1),
        body="parks",
    )


def _if(prompt: str, value: str) -> Condition:
    return Condition(prompt, Test.IS, (value,))
