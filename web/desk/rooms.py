"""The rooms of the desk, in the order in which their routes are looked through."""

from collections.abc import Callable
from typing import Protocol

from web.desk.answers import AnswersRoom
from web.desk.asked import Asked
from web.desk.consultations import Consultations
from web.desk.desk import Desk
from web.desk.developers import DevelopersRoom
from web.desk.door import Door
from web.desk.exports import ExportsRoom
from web.desk.ideas import Ideas
from web.desk.imports import Imports
from web.desk.inbox import Inboxes
from web.desk.log import Log
from web.desk.members import Members
from web.desk.outcome import OutcomeRoom
from web.desk.person import People
from web.desk.proving import Proving
from web.desk.publishing import Publishing
from web.desk.reach import Reaching
from web.desk.talking import Talking
from web.desk.timeline import Timeline
from web.desk.together import Together
from web.desk.trying import Trying
from web.desk.watching import Watch
from web.desk.writing import Writing
from web.routes import Routes


class Room(Protocol):
    def routes(self) -> Routes: ...


ROOMS: tuple[Callable[[Desk], Room], ...] = (
    Proving,  # before the door, which takes whatever else stands behind /desk/enter for a link
    Door,
    Consultations,
    Log,
    Writing,
    Publishing,
    Asked,
    Watch,
    Trying,
    Reaching,
    Timeline,
    Inboxes,
    Together,
    Talking,
    Ideas,
    DevelopersRoom,
    Imports,
    Members,
    People,
    AnswersRoom,
    ExportsRoom,
    OutcomeRoom,
)
