"""What each fact changes in memory, event by event."""

from dataclasses import fields, replace
from datetime import datetime

from core import events
from core.consultations import Consultation
from core.deliveries import DeliveryState, NewsRef, Priority
from core.events import Event
from core.members import Address
from core.ports import Broadcast, CodeTaken, NameTaken
from tests.fakes import memory_handovers
from tests.fakes.memory_forgetting import forget
from tests.fakes.memory_state import Given, Loaded, Memory, Ordered
from tests.fakes.memory_stories import continue_story, news_key, redact


class NobodysTurn(ValueError):
    """A fact about a member was recorded outside that member's turn."""


def project(memory: Memory, member: int | None, who: Address | None, event: Event) -> None:
    naive = [one.name for one in fields(event) if _is_naive(getattr(event, one.name))]
    if naive:
        raise ValueError(f"{naive} of {type(event).__name__} has no time zone")
    if not _of_all(memory, event):
        if member is None or who is None:
            raise NobodysTurn(type(event).__name__)
        _of_member(memory, member, who, event)


def _is_naive(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None


def _of_member(memory: Memory, member: int, who: Address, event: Event) -> None:
    row = memory.members[member]
    match event:
        case events.ConsentGiven(at):
            memory.change(member, consented_at=row.consented_at or at)
        case events.MemberStopped(at):
            memory.change(member, stopped_at=row.stopped_at or at)
        case events.MemberResumed():
            memory.change(member, stopped_at=None)
        case events.AddressLeft(at, _):
            memory.addresses[who] = replace(memory.addresses[who], gone_at=at)
        case events.AddressReturned(at):
            memory.addresses[who] = replace(memory.addresses[who], gone_at=None, seen_at=at)
        case events.LanguageChosen(language):
            memory.change(member, language=language, language_chosen=True)
        case events.TimezoneChosen(timezone):
            memory.change(member, timezone=timezone, timezone_chosen=True)
        case events.TopicFollowed(topic):
            memory.follows.add((member, topic))
        case events.TopicUnfollowed(topic):
            memory.follows.discard((member, topic))
        case events.LinkOffered(code, expires_at):
            memory.offers = {known: offer for known, offer in memory.offers.items() if offer[0] != member}
            _claim_code(memory.offers, code)
            memory.offers[code] = (member, expires_at)
        case events.MembersLinked():
            _link(memory, member, event)
        case events.OrganiserMade(code):
            memory.organiser_codes.pop(code, None)
            memory.change(member, organiser=True)
        case events.ConsultationBegun(slug, at):
            memory.begun.setdefault((member, slug), at)
        case events.AnswerGiven(slug, prompt, value, at):
            memory.answers.append(Given(member, slug, prompt, value, at))
        case events.ConsultationFinished(slug, at):
            memory.finished.setdefault((member, slug), at)
        case events.IdeaSupported(idea, at):
            memory.supports.setdefault((idea, member), at)
        case events.SupportWithdrawn(idea):
            memory.supports.pop((idea, member), None)
        case events.DeskAsked():
            pass  # only a database has a desk
        case events.MembershipVerified(number, at):
            hashed, of_roll = memory.roll[number]
            memory.roll[number] = hashed, replace(of_roll, claimed_by=member, claimed_at=at)
            memory.change(member, verified_at=at)
            memory.by_hand |= {(body, who, role): None for body, role in of_roll.offices if memory.body(body)}
        case events.VerificationFailed(at, number):
            memory.tries.append((member, at))
            memory.guesses.append((number, at))
        case events.WordsNotKept():
            pass  # there is no web chat in memory
        case events.MemberForgotten(at):
            forget(memory, member, at)
        case _:
            raise AssertionError(f"{event} is about everybody")


def _of_all(memory: Memory, event: Event) -> bool:
    match event:
        case events.ConsultationLoaded(consultation, at, once):
            if once and consultation.slug in memory.consultations:
                raise NameTaken(consultation.slug)
            _load(memory, consultation, at)
        case events.ConsultationOpened(slug, at):
            ahead = {"opens_at": at, "archived_at": None}
            _set(memory, slug, lambda now: replace(now, closes_at=_ahead(now.closes_at, at), **ahead))
        case events.ConsultationArchived(slug, at):
            _set(memory, slug, lambda now: replace(now, archived_at=at))
        case events.ConsultationUnarchived(slug):
            _set(memory, slug, lambda now: replace(now, archived_at=None))
        case events.ConsultationClosed(slug, at):
            _set(memory, slug, lambda now: replace(now, closes_at=at))
        case events.OutcomePublished(slug, outcome, at):
            _set(memory, slug, lambda now: replace(now, outcome=outcome, outcome_at=at))
        case events.CaptureAsked(capture):
            _claim_code(memory.captures, capture.id)
            memory.captures[capture.id] = capture
        case events.CaptureReworded(capture, text):
            if capture in memory.captures:
                memory.captures[capture] = replace(memory.captures[capture], text=text)
        case events.CaptureSettled(capture):
            memory.captures.pop(capture, None)
        case events.IdeaCaptured(idea):
            _claim_code(memory.ideas, idea.code)
            memory.ideas[idea.code] = idea
        case events.StoryContinued(idea, entry, seen_with):
            continue_story(memory, idea, entry, seen_with)
        case events.WordsRedacted(idea, entry, seen_with):
            redact(memory, idea, entry, seen_with)
        case events.BodiesLoaded(bodies, topics, holidays, deliveries_kept):
            memory.load_bodies(bodies, topics, holidays)
            memory.deliveries_kept = deliveries_kept
        case events.ChannelAttached(body, place):
            memory.channels[place.account, place.chat] = (body, True)
        case events.ChannelDetached(place):
            memory.channels.pop((place.account, place.chat), None)
        case events.PlaceMoved(account, from_chat, to_chat):
            _move(memory, account, from_chat, to_chat)
        case events.DiscussionHeard(consultation, place, message):
            memory.discussed.setdefault((place.account, place.chat, message), consultation)
        case events.OrganiserCodeMade(code, _, expires_at):
            _claim_code(memory.organiser_codes, code)
            memory.organiser_codes[code] = expires_at
        case events.BroadcastOrdered():
            _order(memory, event)
        case events.BroadcastConfirmed(id):
            if id in memory.broadcasts:
                row = memory.broadcasts[id]
                memory.broadcasts[id] = replace(row, broadcast=replace(row.broadcast, confirmed=True))
        case events.IdeaTagged(code, topics):
            memory.tags[code] = topics
        case events.HandoverBegun():
            memory_handovers.begin(memory, event)
        case events.HandoverSpoken():
            memory_handovers.speak(memory, event)
        case events.HandoverEnded():
            memory_handovers.end(memory, event)
        case events.BroadcastHeld(id, _, at):
            if id in memory.broadcasts and memory.broadcasts[id].broadcast.held_at is None:
                _hold(memory, id, at)
        case events.BroadcastResumed(id):
            if id in memory.broadcasts:
                _hold(memory, id, None)
        case events.UncertainResent(id, _, at):
            if id in memory.broadcasts:
                _resend(memory, id, at)
        case _:
            return False
    return True


def _hold(memory: Memory, id: str, at: datetime | None) -> None:
    row = memory.broadcasts[id]
    memory.broadcasts[id] = replace(row, broadcast=replace(row.broadcast, held_at=at))


def _resend(memory: Memory, id: str, at: datetime) -> None:
    number = memory.broadcasts[id].number
    uncertain = [row for row in memory.deliveries.values() if row.state is DeliveryState.UNCERTAIN]
    for row in uncertain:
        in_time = row.expires_at is None or row.expires_at > at
        if row.broadcast == number and row.resent_at is None and in_time:
            again = replace(row, state=DeliveryState.PLANNED, why="sent again", not_before=at, resent_at=at, attempts=0)
            memory.deliveries[row.id] = again


def _claim_code(taken: object, code: str) -> None:
    if code in taken:  # type: ignore[operator]  # any of the dictionaries by code
        raise CodeTaken(code)


def _ahead(closes_at: datetime | None, at: datetime) -> datetime | None:
    return closes_at if closes_at is not None and closes_at > at else None


def _set(memory: Memory, slug: str, changed) -> None:  # type: ignore[no-untyped-def]  # Consultation to Consultation
    if slug in memory.consultations:
        row = memory.consultations[slug]
        memory.consultations[slug] = replace(row, now=changed(row.now))


def _load(memory: Memory, new: Consultation, at: datetime) -> None:
    now, row = new, memory.consultations.get(new.slug)
    if row is not None:
        old = row.definition
        if old.opens_at == new.opens_at:
            now = replace(now, opens_at=row.now.opens_at)
        if old.closes_at == new.closes_at:
            now = replace(now, closes_at=row.now.closes_at)
        if (old.outcome, old.outcome_at) == (new.outcome, new.outcome_at):
            now = replace(now, outcome=row.now.outcome, outcome_at=row.now.outcome_at)
    memory.consultations[new.slug] = Loaded(new, now, at)


def _move(memory: Memory, account: str, from_chat: str, to_chat: str) -> None:
    sits = memory.channels.pop((account, from_chat), None)
    if sits is not None:
        memory.channels.setdefault((account, to_chat), sits)
    for row in list(memory.deliveries.values()):
        if (row.to.account, row.to.chat, row.state) == (account, from_chat, DeliveryState.PLANNED):
            memory.deliveries[row.id] = replace(row, to=replace(row.to, chat=to_chat))


def _order(memory: Memory, event: events.BroadcastOrdered) -> None:
    steps = {(row.broadcast.consultation, row.broadcast.step) for row in memory.broadcasts.values()}
    if (event.consultation, event.step) in steps:
        return
    _claim_code(memory.broadcasts, event.id)
    ordered = Broadcast(event.id, event.consultation, event.step, event.kind, event.audience, event.at, event.confirmed)
    memory.broadcasts[event.id] = Ordered(memory.number(), ordered)


def _link(memory: Memory, member: int, event: events.MembersLinked) -> None:
    other, this, that = event.other, memory.members[member], memory.members[event.other]
    memory.offers = {code: offer for code, offer in memory.offers.items() if code != event.code and offer[0] != other}
    for who in memory.addresses_of(other):
        memory.addresses[who] = replace(memory.addresses[who], member=member)
    memory.follows = {(member if one == other else one, topic) for one, topic in memory.follows}
    both = [replace(one, member=member) for one in memory.answers if one.member in (member, other)]
    rest = [one for one in memory.answers if one.member not in (member, other)]
    memory.answers = [*rest, *sorted(both, key=lambda one: one.at)]
    for code, idea in memory.ideas.items():
        memory.ideas[code] = replace(idea, author=member) if idea.author == other else idea
    for code, one in list(memory.supports):
        if one == other:
            at = memory.supports.pop((code, one))
            memory.supports[code, member] = min(at, memory.supports.get((code, member), at))
    for times in (memory.begun, memory.finished):
        for (one, slug), at in list(times.items()):
            if one == other:
                del times[one, slug]
                times[member, slug] = min(at, times.get((member, slug), at))
    _link_deliveries(memory, member, other)
    memory_handovers.join(memory, member, other)
    for number, (hashed, claimed) in memory.roll.items():
        if claimed.claimed_by == other:
            memory.roll[number] = hashed, replace(claimed, claimed_by=member)
    verified = [at for at in (this.verified_at, that.verified_at) if at is not None]
    memory.change(member, verified_at=min(verified, default=None))
    consents = [at for at in (this.consented_at, that.consented_at) if at is not None]
    stops = [at for at in (this.stopped_at, that.stopped_at) if at is not None]
    memory.change(
        member,
        consented_at=min(consents, default=None),
        stopped_at=min(stops, default=None),
        organiser=this.organiser or that.organiser,
    )
    if that.language_chosen and not this.language_chosen:
        memory.change(member, language=that.language, language_chosen=True)
    if (that.timezone_chosen and not this.timezone_chosen) or this.timezone is None:
        memory.change(member, timezone=that.timezone, timezone_chosen=that.timezone_chosen)
    del memory.members[other]


def _link_deliveries(memory: Memory, member: int, other: int) -> None:
    reached = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.SENT, DeliveryState.UNCERTAIN)
    steps = {row.number: row.broadcast for row in memory.broadcasts.values()}
    for row in [row for row in memory.deliveries.values() if row.member == other]:
        moved = replace(row, member=member)
        key = None
        if row.priority is Priority.NUDGE and row.broadcast is not None:
            broadcast = steps[row.broadcast]
            key = f"nudge:{broadcast.consultation}:{broadcast.step}:{member}"
        elif isinstance(row.content, NewsRef):
            key = news_key(row.content.idea, row.content.number, member)
        if key is not None:
            mine = next((one for one in memory.deliveries.values() if one.key == key), None)
            if mine is None:
                moved = replace(moved, key=key)
            elif row.state is DeliveryState.PLANNED and mine.state in reached:
                moved = replace(moved, state=DeliveryState.SUPPRESSED, why="linked")
        memory.deliveries[row.id] = moved
