"""One rehearsal, played: what the member does is taken in, what falls due as the clock moves is judged and heard."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bots.slack.forms import read
from core.bodies import Bodies, Topic
from core.consultations import Consultation, NudgeStep
from core.conversation import Conversation
from core.deliveries import Delivery, DeliveryState, Mark, NudgeRef, Priority, Receiver, Sent
from core.delivery import find_subjects, prepare, settle
from core.events import (
    BodiesLoaded,
    ConsentGiven,
    ConsultationLoaded,
    Event,
    LanguageChosen,
    TimezoneChosen,
    TopicFollowed,
)  # fmt: skip
from core.inbound import Deed, Inbound, Pressed, Said, Submitted
from core.members import Address, Role
from core.nudges import BUDGET_SPAN, OVER_BUDGET, Suppress, due_at, due_steps, expires_at, judge, out_of_quiet
from core.outbound import Message
from core.places import Place
from core.rehearsals import (
    Jump,
    NotSent,
    OpenForm,
    Opens,
    Passed,
    Presses,
    Rehearsed,
    Says,
    Script,
    SentForm,
    Step,
    Submits,
    Typed,
    Waits,
    landing,
)
from core.sessions import Session
from core.turns.forms import CONSENT
from core.turns.turn import Turn
from folkmoot.metronome import Metronome
from folkmoot.props import CountingMint, House, SetClock
from folkmoot.screen import Screen
from storage.consultations import course_of
from storage.outbox import SqlOutbox
from storage.planning import SqlPlanner
from storage.scratch import Scratch
from storage.store import SqlStore

MEMBER = Address("telegram:0", "1")
A_STEP_TAKES = timedelta(seconds=10)
FOR_EVER = timedelta(days=36_500)
MOST_AT_ONCE = 200

NOT_ASKED = "not in the audience"
"""Why a nudge passes by a member whom it isn't for."""


class Play:
    def __init__(self, house: House, database: Scratch, consultation: Consultation, script: Script) -> None:
        self._script = script
        self._texts, self._manners = house.texts, house.manners
        begins = consultation.opens_at or script.begins_at
        self._consultation = replace(consultation, opens_at=begins)
        self._zone = script.timezone or consultation.timezone
        self._clock = SetClock(begins)
        self._database = database
        self._store, self._outbox = SqlStore(database, house.timezone), SqlOutbox(database)
        self._planner = SqlPlanner(database)
        self._metronome = Metronome(self._store, self._planner, self._clock, self._manners)
        self._conversation = Conversation(
            self._store, self._clock, CountingMint(), self._texts, house.public_url, house.timezone
        )
        self._place = Place.private_to(MEMBER)
        self._screen = Screen()
        self._marks: list[Mark] = []
        self._due: set[str] = set()
        """Keys of the steps of the plan whose time has come."""
        self._heard_of: set[str] = set()
        """Those of which there was a delivery."""
        self._held: datetime | None = None
        """When what waits in the outbox is due."""
        self._form: OpenForm | None = None

    async def play(self, bodies: Bodies, topics: Sequence[Topic]) -> Rehearsed:
        await self._arrange(bodies, topics)
        await self._outbox.open_lane(MEMBER.account)
        now = self._clock.at
        (self._lease,) = await self._outbox.take_lanes("rehearsal", now, now + FOR_EVER)
        await self._look()
        for number, step in enumerate(self._script.steps):
            await self._take(number, step)
            await asyncio.sleep(0)  # members' turns go on in between
        return await self._end()

    async def _arrange(self, bodies: Bodies, topics: Sequence[Topic]) -> None:
        """Bodies without their people and channels, but with this member in those that are asked."""
        now, whom = self._clock.at, self._consultation.audience
        ours = tuple(
            replace(body, members=((MEMBER, Role.MEMBER),) if body.slug in whom.bodies else (), channels=())
            for body in bodies.living
        )
        loaded = BodiesLoaded(ours, tuple(topics), bodies.holidays)
        await self._store.record([loaded, ConsultationLoaded(self._consultation, now)])
        if self._script.is_newcomer:
            return
        inbound = self._inbound("arrived", Said("hello", "0"))
        said: list[Event] = [ConsentGiven(now), LanguageChosen(self._script.language), TimezoneChosen(self._zone)]
        async with self._store.work(inbound) as work:
            await work.seen(now)
            await work.member()
            await work.record(Session(), [*said, *map(TopicFollowed, whom.topics)], ())

    # --- steps
    async def _take(self, number: int, step: Step) -> None:
        self._form = None
        match step:
            case Waits(until):
                await self._wait(until)
                return
            case Says(text):
                self._screen.lines.append(Typed(self._clock.at, text))
                await self._receive(number, Said(text, f"said-{number}"))
            case Presses(action, line):
                await self._receive(number, Pressed(action, str(line)))
            case Opens():
                if self._consultation.is_open(self._clock.at):
                    self._form = OpenForm()
            case Submits() as form:
                await self._submit(number, form)
        await self._deliver(nudges=0)
        await self._pass(self._clock.at + A_STEP_TAKES)

    async def _receive(self, number: int, deed: Deed) -> Turn | None:
        return await self._conversation.receive(self._inbound(f"step-{number}", deed))

    def _inbound(self, key: str, deed: Deed) -> Inbound:
        now, script = self._clock.at, self._script
        return Inbound(key, MEMBER, self._place, now, deed, locale=script.language, timezone=self._zone)

    async def _submit(self, number: int, form: Submits) -> None:
        """As Slack's form goes: shown again where something is wrong, or where an answer brought questions about."""
        consultation = self._consultation
        earlier = await self._store.answers_at(MEMBER, consultation.slug)
        looked = read(consultation, form.values, earlier)
        if not {prompt.key for prompt in looked.asked} <= set(form.shown):
            self._form = OpenForm(form.values)
            return
        problems = looked.problems
        if not problems:
            values = dict(looked.values) | {k: v for k, v in form.values.items() if k == CONSENT}
            turn = await self._receive(number, Submitted(consultation.slug, values))
            problems = turn.problems if turn else {}
        if problems:
            self._form = OpenForm(form.values, problems)
        else:
            self._screen.lines.append(SentForm(self._clock.at))

    async def _wait(self, jump: Jump) -> None:
        until = landing(jump, self._consultation, self._zone, self._clock.at, self._manners)
        if until is None:
            return
        passed = len(self._screen.lines)
        await self._pass(until)
        self._screen.lines.insert(passed, Passed(until, jump))

    # --- time
    async def _pass(self, until: datetime) -> None:
        """Stops wherever something falls due on the way."""
        while (stop := self._next_stop()) is not None and stop <= until:
            self._clock.at = stop
            await self._look()
        self._clock.at = until

    def _next_stop(self) -> datetime | None:
        dues = (due_at(step, self._consultation, self._zone) for step in self._consultation.nudges)
        return min((at for at in (*dues, self._held) if at is not None and at > self._clock.at), default=None)

    def _newly_due(self) -> list[NudgeStep]:
        steps = due_steps(self._consultation, [self._zone], self._clock.at)
        return [step for step in steps if step.key not in self._due]

    async def _look(self) -> None:
        """As the metronome does every few seconds."""
        due = self._newly_due()
        if due:
            self._due |= {step.key for step in due}
            await self._metronome.tick()
        await self._deliver()
        self._held = await self._outbox.next_due(MEMBER.account)
        for step in due:
            if step.key not in self._heard_of:
                await self._tell_why_not(step)

    async def _deliver(self, nudges: int = MOST_AT_ONCE) -> None:
        """As a lane does, but that sending is listening."""
        now = self._clock.at
        marks, self._marks = self._marks, []
        batch = await self._outbox.exchange(self._lease, marks, now, nudges, MOST_AT_ONCE) or ()
        judged = [one for one in batch if one.priority is not Priority.REPLY]
        receivers = await self._outbox.receivers(judged, now - BUDGET_SPAN) if judged else {}
        subjects = await find_subjects(self._store, judged)
        for delivery in batch:
            said = prepare(delivery, subjects, receivers.get(delivery.id), now, self._manners, self._texts)
            self._marks.append(said if isinstance(said, Mark) else self._hear(delivery, said))
            self._note(delivery, said)
        if judged:  # what was put back is waited for
            await self._outbox.mark(self._lease, self._marks, now)
            self._marks = []

    def _hear(self, delivery: Delivery, message: Message) -> Mark:
        if delivery.to != self._place:
            return settle(delivery, Sent("0"), self._clock.at)
        nudge = delivery.content.kind if isinstance(delivery.content, NudgeRef) else None
        return settle(delivery, Sent(self._screen.hear(message, self._clock.at, nudge)), self._clock.at)

    def _note(self, delivery: Delivery, said: Message | Mark) -> None:
        if not isinstance(delivery.content, NudgeRef):
            return
        self._heard_of.add(delivery.content.step)
        if isinstance(said, Mark):
            until = said.not_before if said.state is DeliveryState.PLANNED else None
            self._screen.lines.append(NotSent(self._clock.at, delivery.content.kind, said.why, until))

    async def _tell_why_not(self, step: NudgeStep) -> None:
        """Of a step that is due and of which nothing was sent: it was planned for later, or isn't for this member."""
        now, consultation = self._clock.at, self._consultation
        if self._held is not None and self._held > now:
            why = "quiet hours" if out_of_quiet(now, self._zone, self._manners) > now else OVER_BUDGET
            self._screen.lines.append(NotSent(now, step.kind, why, self._held))
            return
        receiver = await self._receiver()
        ends = expires_at(step, consultation, self._zone)
        verdict = judge(step.kind, consultation, receiver, ends, now, self._manners)
        self._screen.lines.append(NotSent(now, step.kind, verdict.why if isinstance(verdict, Suppress) else NOT_ASKED))

    async def _receiver(self) -> Receiver | None:
        member = await self._store.member_at(MEMBER)
        if member is None:
            return None
        answers, has_finished = await self._course(member.id)
        took_part = has_finished or any(value is not None for value in answers.values())
        return Receiver(
            member.id, member.language, member.timezone, member.has_consented, member.has_stopped, False,
            has_finished, took_part, (),
        )  # fmt: skip

    async def _course(self, member: int) -> tuple[dict[str, object], bool]:
        async with self._database.reading() as connection:
            answers, has_finished = await course_of(connection, member, self._consultation.slug)
        return dict(answers), has_finished

    async def _end(self) -> Rehearsed:
        consultation, now = self._consultation, self._clock.at
        member = await self._store.member_at(MEMBER)
        _, has_finished = await self._course(member.id) if member else ({}, False)
        jumps = (jump for jump in Jump if landing(jump, consultation, self._zone, now, self._manners))
        return Rehearsed(
            consultation=consultation,
            now=now,
            timezone=self._zone,
            lines=tuple(self._screen.lines),
            jumps=tuple(jumps),
            answers=await self._store.answers_at(MEMBER, consultation.slug),
            has_agreed=member is not None and member.has_consented,
            has_finished=has_finished,
            form=self._form,
        )
