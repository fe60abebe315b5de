"""What the composition gives to the desk, beside what all of the web gets."""

from dataclasses import dataclass, field
from pathlib import Path

from core.deeds import Deeds
from core.drafts import Drafts
from core.imports import Imports
from core.inbox import Inbox
from core.nudges import Manners
from core.reach import Counting
from core.register import Groups, Register
from core.rehearsals import Rehearse
from core.results import Answered
from core.rolls import Rolls
from core.sittings import Sittings
from core.talks import Talks
from core.watching import Watching
from web.api.parts import Developers
from web.desk.proofs import Proofs


@dataclass(frozen=True, slots=True)
class Membership:
    """Of the room of members. `uploads`: the folder in which files lie until they are imported."""

    register: Register
    groups: Groups
    imports: Imports
    rolls: Rolls
    uploads: Path


@dataclass(frozen=True, slots=True)
class DeskParts:
    sittings: Sittings
    deeds: Deeds
    drafts: Drafts
    inbox: Inbox
    talks: Talks
    answered: Answered
    watching: Watching
    rehearse: Rehearse
    counting: Counting
    manners: Manners
    developers: Developers
    membership: Membership
    proofs: Proofs = field(default_factory=Proofs)
