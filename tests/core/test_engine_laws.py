"""Laws of the engine, tried with whatever hypothesis can think of."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actions import LONGEST, VERBS, Action, read_action
from core.bodies import Bodies, Body, BodyKind, Remit, Topic
from core.consultations import Consultation
from core.engine import advance
from core.events import (
    BodiesLoaded,
    ConsultationLoaded,
    ConsultationOpened,
    IdeaCaptured,
    StoryContinued,
    WordsRedacted,
)  # fmt: skip
from core.flows.documents import Checked, read_document
from core.handovers import Handover
from core.ideas import Attachment, AttachmentKind, Capture, Idea
from core.inbound import (
    Commanded,
    Deed,
    Discussed,
    Edited,
    Inbound,
    Left,
    Moved,
    Pressed,
    PutForward,
    Quoted,
    Returned,
    Said,
    Submitted,
)  # fmt: skip
from core.members import Address, Member, Role
from core.outbound import render
from core.places import Place, Source
from core.ports import LinkOffer
from core.queues import Queue
from core.sessions import (
    Answering,
    Confirming,
    Consenting,
    Deciding,
    Idle,
    Linking,
    Locating,
    Picking,
    Session,
    Speaking,
    Step,
    Wording,
    read_session,
    write_session,
)  # fmt: skip
from core.stories import NEEDS_REASON, Entry, EntryKind, Rule
from core.texts import Localised, Phrase, language_names, load_texts
from core.turns.handover import AGAIN
from core.turns.turn import Codes, Scene
from core.understanding import understand, waiting_for
from tests.fakes.town import Town

TEXTS = load_texts()
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ANN, BOB = Address("telegram:1", "ann"), Address("slack:T1", "bob")
EVERY_KIND = """
consultation: all-kinds
title: All kinds
framing: One of each
keyword: kinds
prompts:
  - one: travel
    ask: How?
    options: {walk: On foot, car: By car}
  - text: why
    ask: Why?
    when: {travel: car}
  - many: wants
    ask: What?
    options: [Trees, Buses, Homes]
    at most: 2
  - rank: order
    ask: In which order?
    options: [First, Second, Third]
  - scale: happy
    ask: How happy?
  - number: years
    ask: How long?
    at least: 0
  - yesno: again
    ask: Again?
    required: yes
  - statement: slow
    ask: Slower cars
  - idea: thing
    ask: One thing?
"""


def read(text: str) -> Consultation:
    checked = read_document(text)
    assert isinstance(checked, Checked), checked
    assert isinstance(checked.value, Consultation)
    return checked.value


KINDS = replace(read(EVERY_KIND), opens_at=NOW - timedelta(days=1))
CITY = read((Path(__file__).parents[2] / "examples" / "good-city.yaml").read_text(encoding="utf-8"))
PHASES = [
    KINDS, CITY, replace(CITY, opens_at=NOW - timedelta(days=2), closes_at=NOW - timedelta(days=1)),
    replace(KINDS, closes_at=NOW + timedelta(days=1)), replace(KINDS, opens_at=NOW + timedelta(days=1)),
]  # fmt: skip

keys = st.sampled_from([p.key for p in (*KINDS.prompts, *CITY.prompts)] + ["gone", ""])
slugs = st.sampled_from(["all-kinds", "good-city", "gone", ""])
texts = st.one_of(
    st.text(max_size=60), st.builds(lambda some, long: (some * long)[:long], st.text(min_size=1, max_size=30),
                                    st.integers(4090, 5000)),
    st.sampled_from(["STOP", "yes", "no", "1", "2, 1", "kinds", "/idea", "/idea Trees", "/load x: y", "0000-0000",
                     "There is no money for it this year.", "Planning", "/queue", "/meeting planning 2026-11-20",
                     "/hide AAAA-AA7R abuse", "/route AAAA-AA7R planning",
                     "/stop", "AAAA-AA7R", "/broadcast good-city at 18:00", "London", "/story", "/start c_all-kinds"]),
)  # fmt: skip
codes = st.sampled_from(["AAAA-AA7R", "AAAAAAAA", "gone"])
arguments = st.one_of(
    keys, slugs, codes,
    st.sampled_from(["yes", "no", "change", "agree", "walk", "1", "5", "en", "cy", "Europe/London", "planning",
                     "council", "here", "abuse", "sure"]),
)  # fmt: skip
actions = st.one_of(
    st.sampled_from(sorted(VERBS)).flatmap(
        lambda verb: st.lists(arguments, min_size=VERBS[verb][0], max_size=VERBS[verb][1]).map(
            lambda args: str(Action(verb, tuple(args)))
        )
    ),
    st.text(max_size=64),
)
attachments = st.lists(st.just(Attachment(AttachmentKind.PHOTO, "telegram:1", "f1")), max_size=2).map(tuple)
quotes = st.builds(
    Quoted, st.sampled_from([ANN, BOB]), st.text(max_size=9), texts, st.just("m1"), st.just(NOW), attachments
)
deeds: st.SearchStrategy[Deed] = st.one_of(
    st.builds(Said, texts, st.just("m2"), attachments),
    st.builds(Commanded, st.sampled_from([*sorted(VERBS), "start", "no"]), texts, st.just("m2"), st.none() | quotes),
    st.builds(Pressed, actions, st.none() | st.just("7"), st.none() | st.just("c")),
    st.builds(PutForward, quotes),
    st.builds(Edited, texts, st.just("m1")),
    st.builds(Submitted, slugs, st.dictionaries(keys | st.just("consent"), texts | st.lists(arguments).map(tuple))),
    st.builds(Discussed, st.just("m3")),
    st.builds(Left, st.text(max_size=9)),
    st.just(Returned()),
    st.builds(Moved, st.just("-100")),
)  # fmt: skip
several = st.lists(st.sampled_from(["AAAA-AA7R", "AAAA-ABKZ", "AAAA-AC5H"]), max_size=3, unique=True).map(tuple)
bodies_named = st.sampled_from(["planning", "council", "gone", ""])
steps = st.one_of(
    st.just(Idle()),
    st.builds(Consenting, actions),
    st.builds(Answering, slugs, keys, st.lists(arguments, max_size=3).map(tuple)),
    st.builds(Wording, st.none() | codes, st.none() | codes, attachments),
    st.builds(Confirming, codes),
    st.just(Locating()),
    st.just(Linking()),
    st.builds(Picking, bodies_named, st.sampled_from(["alike", "merge"]), several, several),
    st.builds(Picking, bodies_named, st.just("meeting"), several, several, st.just("2026-11-20")),
    st.builds(Deciding, st.sampled_from(EntryKind).map(str), several, bodies_named, st.sampled_from(["", "abuse"]),
              st.sampled_from(["", "Tr███"])),
    st.builds(Speaking, st.sampled_from(EntryKind).map(str), codes, st.integers(0, 5)),
)  # fmt: skip
moments = st.none() | st.just(NOW - timedelta(days=1))
members = st.builds(
    Member, st.sampled_from([1, 2]), st.text(max_size=9), st.sampled_from(["en", "cy", "xx"]),
    st.sampled_from([None, "Europe/London"]), moments, moments, st.booleans(),
)  # fmt: skip
source = Source("telegram:1", "ann", "m1")


def by_planning(
    kind: EntryKind,
    text: str | None = None,
    reason: str | None = None,
    next: str | None = None,
    days: int | None = None,
    other: str | None = None,
) -> Entry:
    return Entry(kind, NOW, text, reason, "planning", Role.SECRETARY, next, days, other)


BEGUN = (Entry(EntryKind.SAID, NOW, "Trees"), Entry(EntryKind.CONFIRMED, NOW), Entry(EntryKind.ACKNOWLEDGED, NOW))
WAITS = (*BEGUN, Entry(EntryKind.SENT, NOW, next="planning", days=30))
LATE = (*BEGUN, Entry(EntryKind.SENT, NOW - timedelta(days=9), next="planning", days=3))
HIDDEN = (*WAITS, Entry(EntryKind.HIDDEN, NOW, reason="It insults.", rule=Rule.ABUSE, by=Role.ORGANISER))
STORIES = [
    BEGUN, (BEGUN[0], Entry(EntryKind.WITHDRAWN, NOW)), WAITS, LATE, HIDDEN,
    (*LATE, Entry(EntryKind.SILENT, NOW, body="planning")),
    (*WAITS, by_planning(EntryKind.SEEN), by_planning(EntryKind.ASKED, reason="Which trees do you mean?")),
    (*WAITS, by_planning(EntryKind.ACCEPTED)),
    (*WAITS, by_planning(EntryKind.PASSED, next="gone", days=3)),
    (*WAITS, by_planning(EntryKind.DECLINED, reason="There is no room for them.")),
    (*WAITS, by_planning(EntryKind.DECLINED, reason="There is no room for them."),
     Entry(EntryKind.APPEALED, NOW, "There is.", next="council", days=3)),
    (*WAITS, by_planning(EntryKind.MERGED, other="AAAA-AC5H")),
    (*HIDDEN, Entry(EntryKind.CONTESTED, NOW, next="council", days=14, rule=Rule.ABUSE)),
    (*WAITS, by_planning(EntryKind.ACCEPTED), by_planning(EntryKind.CARRIED_OUT),
     Entry(EntryKind.CLOSED, NOW)),
    (*WAITS, Entry(EntryKind.ERASED, NOW)),
]  # fmt: skip
COMPOSITE = (
    by_planning(EntryKind.COMPOSED, "More trees"), Entry(EntryKind.JOINED, NOW, other="AAAA-AA7R"), WAITS[-1],
)  # fmt: skip
stories = st.sampled_from(STORIES)
authored = st.builds(
    Idea, st.sampled_from(["AAAA-AA7R", "AAAA-ABKZ"]), st.sampled_from([1, 2]), st.just(source), stories
)
ideas = authored | st.just(Idea("AAAA-AC5H", None, source, COMPOSITE))
captures = st.builds(
    Capture, st.just("AAAAAAAA"), st.sampled_from([ANN, BOB]), st.just("Trees"), st.just(NOW), st.just(source),
    st.sampled_from([NOW - timedelta(days=1), NOW + timedelta(days=1)]), attachments,
)  # fmt: skip
places = st.sampled_from(
    [Place.private_to(ANN), Place("telegram:1", "-7", private=False), Place("slack:T1", "C1", False, "t1")]
)
values = st.one_of(st.none(), st.text(max_size=9), st.integers(0, 9), st.lists(arguments, max_size=3).map(tuple))
TOWN_HALL = Body(
    "planning", Localised.of("Planning"), BodyKind.COMMISSION, ((Address("telegram:1", "ann"), Role.SECRETARY),),
    parent="council", remit=Remit(everything=True),
)  # fmt: skip
COUNCIL = Body("council", Localised.of("Council"), BodyKind.COMMITTEE)
BODIES = Bodies((TOWN_HALL, COUNCIL, Body("gone", Localised.of("Gone"), BodyKind.SOCIETY, has_ended=True)))
offices = st.frozensets(st.tuples(st.sampled_from(["planning", "council", "gone"]), st.sampled_from(Role)), max_size=3)


TALKED = Handover(1, "AAAA-AA5W", 1, 2, "planning", Role.SECRETARY, NOW, NOW, Place.private_to(ANN))
handovers = st.sampled_from([None, None, None, TALKED, replace(TALKED, heard_at=NOW - timedelta(hours=1))])


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    inbound = Inbound("k1", ANN, draw(places), NOW, draw(deeds), "Ann")
    step, consultation = draw(steps), draw(st.none() | st.sampled_from(PHASES))
    if consultation and draw(st.booleans()):
        step = draw(
            st.builds(Answering, st.just(consultation.slug), st.sampled_from([p.key for p in consultation.prompts]))
        )
    open_, offers = PHASES[: draw(st.integers(0, 1))], st.builds(LinkOffer, st.just("AAAAAAAA"), members)
    return Scene(
        inbound=inbound, now=NOW, member=draw(members), session=Session(step),
        codes=Codes(("AAAA-AA7R", "AAAA-ABKZ"), "AAAAAAAA"), languages=language_names(TEXTS.languages),
        public_url=draw(st.sampled_from(["", "https://moot.example"])), open=tuple(open_),
        consultation=consultation, answers=draw(st.dictionaries(keys, values)), has_finished=draw(st.booleans()),
        capture=draw(st.none() | captures), idea=draw(st.none() | ideas), mine=tuple(draw(st.lists(ideas, max_size=9))),
        author=draw(st.none() | members), addresses=(ANN,), offer=draw(st.none() | offers),
        organiser_code_is_good=draw(st.booleans()), body=draw(st.none() | st.just(TOWN_HALL)),
        topics=tuple(draw(st.lists(st.just(Topic("trees", Localised.of("Trees"))), max_size=1))),
        reach=draw(st.integers(0, 5)), bodies=draw(st.just(BODIES) | st.just(Bodies())), offices=draw(offices),
        said_in=draw(st.none() | st.just(TOWN_HALL)), ideas=tuple(draw(st.lists(ideas, max_size=3))),
        queue=Queue(tuple(waiting := draw(st.lists(ideas, max_size=3))), len(waiting)),
        parts=tuple(draw(st.lists(ideas, max_size=1))), composite=draw(st.none() | ideas),
        supports=draw(st.booleans()), supporters=draw(st.integers(0, 2)), handover=draw(handovers),
    )  # fmt: skip


@st.composite
def at_a_prompt(draw: st.DrawFn) -> Scene:
    """Somebody in private, at a prompt of an open consultation, who answers it in one way or another."""
    scene = draw(scenes())
    prompt = draw(st.sampled_from(KINDS.prompts))
    option = draw(st.sampled_from([choice.key for choice in prompt.choices] or ["x"]))
    ways: list[Deed] = [
        Said("1", "m2"), Said("Trees, and buses", "m2"), Said("yes", "m2"),
        Pressed(f"answer:all-kinds:{prompt.key}:{option}", "7"),
        Pressed(f"tick:all-kinds:{prompt.key}:{option}", "7"),
        Pressed(f"done:all-kinds:{prompt.key}", "7"), Pressed(f"skip:all-kinds:{prompt.key}", "7"),
        Submitted("all-kinds", {"again": "yes", "thing": "Trees"}), Said("/idea Trees", "m2"),
        Pressed("capture:AAAAAAAA:yes", "7"), PutForward(Quoted(ANN, "Ann", "Trees", "m1", NOW)),
    ]  # fmt: skip
    return replace(
        scene,
        inbound=replace(scene.inbound, deed=draw(st.sampled_from(ways)), place=Place.private_to(ANN)),
        consultation=KINDS,
        session=Session(Answering("all-kinds", prompt.key, (option,))),
    )


OFFICERS = (
    "queue meeting consider decline question notours later accept pass adopt carried uncarried undo alike merge pick "
    "picked astray route moderate hide redact restore uphold"
).split()


WAITED_FOR = [
    EntryKind.ACCEPTED, EntryKind.PASSED, EntryKind.DECLINED, EntryKind.NOT_OURS, EntryKind.ASKED, EntryKind.COMPOSED,
    EntryKind.UNDONE, EntryKind.ADOPTED, EntryKind.CARRIED_OUT, EntryKind.NOT_CARRIED_OUT, EntryKind.SENT,
    EntryKind.HIDDEN, EntryKind.REDACTED, EntryKind.UPHELD,
]  # fmt: skip


@st.composite
def in_office(draw: st.DrawFn) -> Scene:
    """An officer in private, before ideas that may be open to them: in the middle of something, or not."""
    scene, idea = draw(scenes()), draw(ideas)
    all_ = {one.code: one for one in (*draw(st.lists(ideas, max_size=2)), idea)}
    known, codes_known = tuple(all_.values()), tuple(all_)
    verb = draw(st.sampled_from(OFFICERS))
    more = {"accept": ["here", "council"], "pass": ["council"], "route": ["planning"], "hide": ["abuse"]}.get(verb, [])
    named = VERBS[verb][1] > 0 and verb not in ("queue", "meeting")
    args = [idea.code, *draw(st.sampled_from([[], *([one] for one in more)]))] if named else []
    purpose, kind = draw(st.sampled_from(["alike", "merge", "meeting"])), draw(st.sampled_from(WAITED_FOR))
    body, text = draw(st.sampled_from(["planning", "planning", "council", ""])), draw(st.sampled_from(["", "Tr███"]))
    picking = Picking("planning", purpose, codes_known, codes_known, "2026-11-23")
    deciding = Deciding(kind.value, codes_known, body, "abuse", text)
    pressed = Pressed(str(Action(verb, tuple(args))), "7")
    words, place = Said("There is no money for it this year.", "m2"), Said("Council", "m2")
    doings: list[tuple[Deed, Step]] = [
        (words, deciding), (place, deciding), (pressed, Idle()), (pressed, picking), (pressed, deciding),
    ]  # fmt: skip
    deed, step = draw(st.sampled_from(doings))
    return replace(
        scene, inbound=replace(scene.inbound, deed=deed, place=Place.private_to(ANN)), bodies=BODIES, idea=idea,
        ideas=known, queue=Queue(known, len(known)), body=draw(st.sampled_from([TOWN_HALL, COUNCIL, None])),
        offices=frozenset({("planning", Role.SECRETARY), *draw(offices)}),
        session=Session(step), codes=Codes(("AAAA-AD21",), "AAAAAAAA"),
    )  # fmt: skip


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(at_a_prompt() | scenes() | in_office())
def test_there_is_an_answer_to_anything_at_any_step_and_it_can_be_said_and_sent(scene: Scene) -> None:
    action = waiting_for(understand(scene.inbound, scene.session, scene.open), scene.session)
    for meant in (understand(scene.inbound, scene.session, scene.open), action):
        turn = advance(scene, meant)
        assert read_session(write_session(turn.session)) == turn.session
        for said in turn.says:
            for language in ("en", "cy"):
                message = render(said, TEXTS, language, "Europe/London")
                assert message.text or message.title
                assert all(key.label and (key.url or read_action(key.action)) for row in message.keys for key in row)
                assert all(len(key.action.encode()) <= LONGEST for row in message.keys for key in row)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(in_office())
def test_whatever_an_officer_does_may_follow_in_the_story_says_who_did_it_and_why(scene: Scene) -> None:
    turn = advance(scene, understand(scene.inbound, scene.session, scene.open))
    stories_now = {one.code: one for one in (*scene.ideas, *((scene.idea,) if scene.idea else ()))}
    for event in turn.events:
        if isinstance(event, IdeaCaptured):
            stories_now[event.idea.code] = event.idea
        if isinstance(event, StoryContinued | WordsRedacted):
            assert len(stories_now[event.idea].story) == event.after
            stories_now[event.idea] = stories_now[event.idea].with_entry(event.entry)  # raises what may not follow
            entry = event.entry
            assert entry.reason or entry.kind not in NEEDS_REASON
            assert entry.by or entry.kind in (EntryKind.SILENT, EntryKind.JOINED)
            assert entry.next is None or not getattr(BODIES.get(entry.next), "has_ended", True)


@settings(max_examples=150)
@given(at_a_prompt() | scenes())
def test_nothing_of_an_opinion_is_kept_before_its_author_agreed(scene: Scene) -> None:
    stranger = replace(scene, member=replace(scene.member, consented_at=None))
    turn = advance(stranger, waiting_for(understand(scene.inbound, scene.session, scene.open), scene.session))
    kept = [
        event
        for event in turn.events
        if (isinstance(event, IdeaCaptured) and event.idea.author is not None)
        or type(event).__name__ in ("AnswerGiven", "ConsultationBegun")
    ]
    agreed = [event for event in turn.events if type(event).__name__ == "ConsentGiven"]
    assert not kept or agreed


@settings(max_examples=150)
@given(scenes())
def test_stop_works_at_every_step(scene: Scene) -> None:
    told = replace(scene, inbound=replace(scene.inbound, place=Place.private_to(ANN), deed=Said(" Stop. ", "m9")))
    turn = advance(told, understand(told.inbound, told.session, told.open))
    assert turn.session == Session()
    ends = ["HandoverEnded"] if scene.handover else []
    assert [type(event).__name__ for event in turn.events] == [*ends, "MemberStopped"]


WRITE_TO_ME = (Phrase("Write to me alone first, and I’ll answer you there."),)


@settings(max_examples=150)
@given(scenes())
def test_a_group_never_hears_what_is_somebodys_own(scene: Scene) -> None:
    turn = advance(scene, understand(scene.inbound, scene.session, scene.open))
    if scene.is_private:
        return
    for said in turn.says:
        if said.to is None and not said.only_you and said.paragraphs != WRITE_TO_ME:
            deed = scene.inbound.deed
            verb = understand(scene.inbound, scene.session, scene.open)
            assert isinstance(deed, PutForward | Edited) or (
                verb and verb.verb in ("idea", "capture", "attach", "detach", "post")
            )


@settings(max_examples=20)
@given(scenes())
def test_nor_that_somebody_talked_with_them(scene: Scene) -> None:
    over = replace(TALKED, heard_at=scene.now - timedelta(hours=1))
    group = Place("telegram:1", "-7", private=False)
    inbound = replace(scene.inbound, place=group, deed=Commanded("language", message="m9"))
    turn = advance(replace(scene, handover=over, inbound=inbound), Action("language"))
    assert all(AGAIN not in said.paragraphs for said in turn.says)


presses = st.tuples(st.just("press"), st.integers(0, 40))
sayings = st.tuples(st.just("say"), texts)
waits = st.tuples(st.just("wait"), st.integers(1, 100))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from([ANN, BOB]), presses | presses | sayings | waits), max_size=25))
def test_a_whole_conversation_never_breaks_whatever_is_pressed_and_said(
    doings: list[tuple[Address, tuple[str, object]]],
) -> None:
    async def converse() -> None:
        town = Town()
        events = [ConsultationLoaded(c, NOW) for c in (KINDS, CITY)]
        await town.store.record([*events, ConsultationOpened("all-kinds", NOW), BodiesLoaded((TOWN_HALL, COUNCIL), ())])
        for who, (what, how) in doings:
            heard = [one for one in town.heard if one.to.chat == who.user and one.message.keys]
            if what == "press" and heard:
                pressed = heard[-1].message.keys
                flat = [key for row in pressed for key in row if key.action]
                key = flat[int(str(how)) % len(flat)]
                await town.does(who, Pressed(key.action, heard[-1].id, "c"), name="Ann")
            elif what == "wait":
                await town.passes(timedelta(hours=int(str(how))))
            else:
                await town.does(who, Said(str(how) if what == "say" else "/start", "m1"), name="Ann")
            await town.hears()

    asyncio.run(converse())
