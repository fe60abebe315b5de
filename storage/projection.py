"""What each fact changes. Every kind of event has its line here, and nothing else changes what is remembered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from core import events
from core.events import Event
from core.hooks import Happened
from core.members import Address
from storage import (
    bodies,
    broadcasts,
    captures,
    consultations,
    forgetting,
    ideas,
    linking,
    people,
    reach,
    support,
)  # fmt: skip
from storage.changes import change_member, change_member_once
from storage.desk import handovers, hooks, rolls, sittings, tokens, vocabulary
from storage.prepared import Write
from storage.tables import answer, participation
from storage.transcript import blank


class NobodysTurn(ValueError):
    def __init__(self, event: Event) -> None:
        super().__init__(f"{type(event).__name__} is about a member, so it can only be recorded in that member's turn")


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is."""

    member: int
    address: Address
    answered: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The prompts answered before, of those consultations that the turn has looked into."""
    writes: dict[Table, Write] = field(default_factory=dict)
    """What may wait until the end of the turn, to be written at one go with the rest of it: one for each table, for at
    one go no row can be written twice."""

    async def write(self, connection: AsyncConnection, table: Table, *writes: Write) -> None:
        """At the end if it is one and the first in its table, else now."""
        if len(writes) == 1 and table not in self.writes:
            self.writes[table] = writes[0]
            return
        for prepared, values in writes:
            await prepared.run(connection, values)


OfMember = (
    events.ConsentGiven | events.MemberStopped | events.MemberResumed | events.AddressLeft | events.AddressReturned
    | events.LanguageChosen | events.TimezoneChosen | events.TopicFollowed | events.TopicUnfollowed
    | events.LinkOffered | events.MembersLinked | events.OrganiserMade | events.ConsultationBegun
    | events.AnswerGiven | events.ConsultationFinished | events.IdeaSupported | events.SupportWithdrawn
    | events.MemberForgotten | events.DeskAsked | events.MembershipVerified | events.VerificationFailed
    | events.WordsNotKept
)  # fmt: skip


async def project(connection: AsyncConnection, turn: Turn | None, happened: Sequence[Event]) -> None:
    """In order. Answers are written together, at the first of them: their own order is kept."""
    answers = [event for event in happened if isinstance(event, events.AnswerGiven)]
    for event in happened:
        if isinstance(event, OfMember):
            if turn is None:
                raise NobodysTurn(event)
            if isinstance(event, events.AnswerGiven):
                if answers:
                    await _answer(connection, turn, answers)
                    answers = []
            else:
                await _of_member(connection, turn, event)
        else:
            await _of_all(connection, event)


async def _answer(connection: AsyncConnection, turn: Turn, given: Sequence[events.AnswerGiven]) -> None:
    await turn.write(connection, answer, *await consultations.answers(connection, turn.member, given, turn.answered))


async def _of_member(connection: AsyncConnection, turn: Turn, event: OfMember) -> None:
    one = turn.member
    match event:
        case events.ConsentGiven(at):
            await change_member_once(connection, one, consented_at=at)
        case events.MemberStopped(at):
            await change_member_once(connection, one, stopped_at=at)
        case events.MemberResumed():
            await change_member(connection, one, stopped_at=None)
        case events.AddressLeft(at, why):
            await reach.leave(connection, one, turn.address, at, why)
        case events.AddressReturned(at):
            await reach.come_back(connection, one, turn.address, at)
        case events.LanguageChosen(language):
            await change_member(connection, one, language=language, language_chosen=True)
        case events.TimezoneChosen(timezone):
            await change_member(connection, one, timezone=timezone, timezone_chosen=True)
        case events.TopicFollowed(topic):
            await people.follow_topic(connection, one, topic)
        case events.TopicUnfollowed(topic):
            await people.unfollow_topic(connection, one, topic)
        case events.LinkOffered():
            await people.offer_link(connection, one, event)
        case events.MembersLinked():
            await linking.link(connection, one, event)
        case events.OrganiserMade(code):
            await people.make_organiser(connection, one, code)
        case events.ConsultationBegun(slug, at):
            await turn.write(connection, participation, consultations.begun(one, slug, at))
        case events.AnswerGiven():
            await _answer(connection, turn, [event])
        case events.ConsultationFinished(slug, at):
            await turn.write(connection, participation, consultations.finished(one, slug, at))
        case events.IdeaSupported(code, at):
            await support.add(connection, one, code, at)
        case events.SupportWithdrawn(code):
            await support.withdraw(connection, one, code)
        case events.DeskAsked():
            await sittings.offer(connection, one, turn.address, event)
        case events.MembershipVerified(row, at):
            await rolls.verify(connection, one, turn.address, row, at)
        case events.VerificationFailed():
            await rolls.count_try(connection, one, event)
        case events.WordsNotKept(key):
            await blank(connection, turn.address, key)
        case events.MemberForgotten(at):
            await forgetting.forget(connection, turn, at)


async def _of_all(connection: AsyncConnection, event: Event) -> None:
    match event:
        case events.ConsultationLoaded():
            await consultations.load(connection, event)
        case events.ConsultationOpened(slug, at):
            await consultations.open_now(connection, slug, at)
            await hooks.tell(connection, Happened.CONSULTATION_OPENED, slug, at)
        case events.ConsultationClosed(slug, at):
            await consultations.close_now(connection, slug, at)
            await hooks.tell(connection, Happened.CONSULTATION_CLOSED, slug, at)
        case events.ConsultationArchived(slug, at):
            await consultations.archive(connection, slug, at)
        case events.ConsultationUnarchived(slug):
            await consultations.archive(connection, slug, None)
        case events.OutcomePublished():
            await consultations.publish_outcome(connection, event)
            await hooks.tell(connection, Happened.CONSULTATION_OUTCOME, event.consultation, event.at)
        case events.CaptureAsked(capture):
            await captures.ask(connection, capture)
        case events.CaptureReworded(capture, text):
            await captures.reword(connection, capture, text)
        case events.CaptureSettled(capture):
            await captures.settle(connection, capture)
        case events.IdeaCaptured(idea):
            await ideas.write_idea(connection, idea)
        case events.StoryContinued() | events.WordsRedacted():
            await ideas.continue_story(connection, event)
        case events.IdeaTagged():
            await vocabulary.tag(connection, event)
        case events.HandoverBegun():
            await handovers.begin(connection, event)
        case events.HandoverSpoken():
            await handovers.speak(connection, event)
        case events.HandoverEnded():
            await handovers.end(connection, event)
        case events.BodiesLoaded():
            await bodies.load_bodies(connection, event)
            await tokens.end_without_office(connection)
        case events.ChannelAttached():
            await bodies.attach(connection, event)
        case events.ChannelDetached(place):
            await bodies.detach(connection, place)
        case events.PlaceMoved():
            await bodies.move(connection, event)
        case events.DiscussionHeard():
            await bodies.hear(connection, event)
        case events.OrganiserCodeMade():
            await people.make_organiser_code(connection, event)
        case events.BroadcastOrdered():
            await broadcasts.order(connection, event)
        case events.BroadcastConfirmed(id):
            await broadcasts.confirm(connection, id)
        case events.BroadcastHeld():
            await broadcasts.hold(connection, event)
        case events.BroadcastResumed(id):
            await broadcasts.resume(connection, id)
        case events.UncertainResent():
            await broadcasts.resend(connection, event)
        case _:
            raise NobodysTurn(event)
