"""What is asked in a run, of whom, and who answers: the files that an organiser would load."""

from datetime import datetime

from core.consultations import Consultation
from core.events import BodiesLoaded, ConsultationLoaded, Event
from core.flows.documents import read_document
from core.flows.problems import Checked
from tests.fakes.telegram_payloads import BOT_ID

CITY = """
consultation: city
title: The city
framing: What shall we do first?
timezone: Europe/London
keyword: city
nudges: off
prompts:
  - one: which
    ask: Which first?
    options: {trees: Trees, benches: Benches, paths: Paths}
  - one: pace
    ask: How fast?
    options: {slow: Slow, fast: Fast}
  - idea: else
    ask: What else?
"""
PARKS = """
consultation: parks
title: Parks
framing: Which park shall we mend first?
timezone: Europe/London
nudges:
  reminders:
    - {after: 1 day, at: "12:30"}
prompts:
  - one: park
    ask: Which park?
    options: {north: North, south: South}
"""
BODIES = f"""
bodies:
  - branch: riverside
    name: Riverside branch
    answers: everything
    answers within: 30 days
    members: {{secretary: "telegram:{BOT_ID}:901"}}
"""


def loaded(text: str, now: datetime) -> Event:
    checked = read_document(text)
    assert isinstance(checked, Checked), checked
    value = checked.value
    return ConsultationLoaded(value, now) if isinstance(value, Consultation) else BodiesLoaded(*value)
