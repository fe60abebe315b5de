"""Going through a consultation: a prompt at a time, back and skip, and changing an answer until it closes."""

from core.actions import action
from core.answers import read_answer, show_answer
from core.consultations import Consultation, Phase
from core.events import AnswerGiven, ConsultationBegun, ConsultationFinished, IdeaCaptured
from core.flows.walking import asked_prompts, next_prompt, place_of, previous_prompt
from core.ideas import MOST_ATTACHMENTS, Attachment
from core.outbound import Button, Say, Tone, say
from core.prompts import CHOOSING, PICKING, Prompt, PromptKind, Value, choice
from core.sessions import IDLE, Answering
from core.texts import Lines, T, Words
from core.turns.ideas import new_idea, receipt, source_of
from core.turns.turn import Scene, Turn, go, stay
from core.turns.welcome import ask_consent

MOST_IN_A_ROW = 6


def begin(scene: Scene, consultation: Consultation) -> Turn:
    """Starts it, or carries on at the first prompt not answered yet; for who is through, the summary."""
    if refused := _refusal(scene, consultation):
        return refused
    if next_prompt(consultation, scene.answers) is None:
        return go_on(scene, consultation)
    begun = ConsultationBegun(consultation.slug, scene.now)
    framing = [] if scene.answers else [consultation.framing]
    return go_on(scene, consultation).opening_with(*framing).with_events(begun).titled(consultation.title)


def go_on(scene: Scene, consultation: Consultation) -> Turn:
    """To the first prompt that isn't answered; the summary, or the end, where none is left."""
    if refused := _refusal(scene, consultation):
        return refused
    prompt = next_prompt(consultation, scene.answers)
    if prompt is None:
        return review(scene, consultation) if scene.has_finished else finish(scene, consultation)
    return ask(scene, consultation, prompt)


def ask(scene: Scene, consultation: Consultation, prompt: Prompt, picked: tuple[str, ...] = ()) -> Turn:
    step = Answering(consultation.slug, prompt.key, picked)
    return go(step, question(scene, consultation, prompt, picked))


def ask_again(scene: Scene, consultation: Consultation, prompt: Prompt) -> Turn:
    """The prompt that a button names, whatever the session says: to answer it, or to change its answer."""
    if refused := _refusal(scene, consultation):
        return refused
    given = scene.answers.get(prompt.key)
    if prompt.kind is PromptKind.IDEA and isinstance(given, str):
        rows = [
            [Button(T("Its story"), action("story", given)), Button(T("Change it"), action("reword", given))],
            [
                Button(T("Carry on"), action("on", consultation.slug), tone=Tone.PRIMARY),
                Button(T("Later"), action("home")),
            ],
        ]
        return stay(scene, say(T("Your idea {code} is in.", code=given), buttons=rows))
    return ask(scene, consultation, prompt, given if isinstance(given, tuple) else ())


def take_words(
    scene: Scene, consultation: Consultation, prompt: Prompt, text: str, attachments: tuple[Attachment, ...]
) -> Turn:
    """Words typed at a prompt."""
    if refused := _refusal(scene, consultation):
        return refused
    step = scene.session.step
    picked, files = (step.picked, step.attachments) if isinstance(step, Answering) else ((), ())
    if prompt.kind is PromptKind.IDEA and attachments and not text.strip():
        waits = Answering(consultation.slug, prompt.key, attachments=(*files, *attachments)[:MOST_ATTACHMENTS])
        return go(waits, say(T("I have that. Now say your idea in a few words.")))
    value = read_answer(prompt, text)
    if not isinstance(value, str | int | float | tuple):
        again = ask(scene, consultation, prompt, picked)
        return again.opening_with(value)
    if prompt.kind is PromptKind.IDEA:
        return take_idea(scene, consultation, prompt, str(value), (*files, *attachments)[:MOST_ATTACHMENTS])
    return take(scene, consultation, prompt, value)


def take_idea(
    scene: Scene, consultation: Consultation, prompt: Prompt, text: str, attachments: tuple[Attachment, ...]
) -> Turn:
    idea = new_idea(scene, text, source_of(scene), scene.inbound.at, attachments, consultation.slug, prompt.key)
    turn = take(scene, consultation, prompt, idea.code)
    return Turn(turn.session, (receipt(scene, idea), *turn.says), (IdeaCaptured(idea), *turn.events))


def take(scene: Scene, consultation: Consultation, prompt: Prompt, value: Value | None) -> Turn:
    """An answer (None: skipped), and on to the next prompt that it leaves to ask."""
    answers = {**scene.answers, prompt.key: value}
    given = AnswerGiven(consultation.slug, prompt.key, value, scene.now)
    after = Turn(scene.session, events=(given,))
    now = scene.with_answers(answers)
    heard: list[Words] = []
    if scene.was_pressed:
        heard = [T("✓ {question} {answer}", question=prompt.text, answer=show_answer(prompt, value))]
    return after.then(go_on(now, consultation)).opening_with(*heard)


def tick(scene: Scene, consultation: Consultation, prompt: Prompt, option: str) -> Turn:
    """One option of a `many` or `rank` on or off."""
    if refused := _refusal(scene, consultation):
        return refused
    if choice(prompt, option) is None:
        return ask(scene, consultation, prompt, _picked(scene, prompt))
    picked = _picked(scene, prompt)
    picked = tuple(key for key in picked if key != option) if option in picked else (*picked, option)
    return ask(scene, consultation, prompt, picked)


def clear(scene: Scene, consultation: Consultation, prompt: Prompt) -> Turn:
    return _refusal(scene, consultation) or ask(scene, consultation, prompt, ())


def done(scene: Scene, consultation: Consultation, prompt: Prompt) -> Turn:
    """The picks as they are; too few or too many are asked again with what would do. Pressed twice, it is done once."""
    if refused := _refusal(scene, consultation):
        return refused
    step = scene.session.step
    if not (isinstance(step, Answering) and step.prompt == prompt.key):
        return go_on(scene, consultation)
    picked = _picked(scene, prompt)
    value = read_answer(prompt, picked)
    if isinstance(value, str | int | float | tuple):
        return take(scene, consultation, prompt, value)
    return ask(scene, consultation, prompt, picked).opening_with(value)


def choose(scene: Scene, consultation: Consultation, prompt: Prompt, option: str) -> Turn:
    """A press that is the whole answer."""
    if refused := _refusal(scene, consultation):
        return refused
    if prompt.kind not in CHOOSING or choice(prompt, option) is None:
        return ask(scene, consultation, prompt).opening_with(T("That choice isn’t offered any more."))
    value = read_answer(prompt, option)
    if isinstance(value, str | int | float | tuple):
        return take(scene, consultation, prompt, value)
    return ask(scene, consultation, prompt).opening_with(value)


def skip(scene: Scene, consultation: Consultation, prompt: Prompt) -> Turn:
    if refused := _refusal(scene, consultation):
        return refused
    if prompt.required:
        return ask(scene, consultation, prompt).opening_with(T("This one can’t be skipped."))
    return take(scene, consultation, prompt, None)


def back(scene: Scene, consultation: Consultation, prompt: Prompt) -> Turn:
    if refused := _refusal(scene, consultation):
        return refused
    earlier = previous_prompt(consultation, scene.answers, prompt.key)
    return ask_again(scene, consultation, earlier or prompt)


def finish(scene: Scene, consultation: Consultation) -> Turn:
    """Through every prompt. They hear that it arrived, and that it can still be changed."""
    finished = ConsultationFinished(consultation.slug, scene.now)
    until = (
        T("You can change your answers until {time}.", time=consultation.closes_at)
        if consultation.closes_at
        else T("You can change your answers until it closes.")
    )
    said = say(
        T("That’s everything. Thank you!"),
        until,
        T("When there is an outcome, you’ll hear it here."),
        buttons=[[Button(T("My answers"), action("review", consultation.slug)), Button(T("My ideas"), action("mine"))]],
    )
    return go(IDLE, said).with_events(finished)


def review(scene: Scene, consultation: Consultation) -> Turn:
    """All answers, each with a button that changes it."""
    if refused := _refusal(scene, consultation):
        return refused
    asked = [prompt for prompt in asked_prompts(consultation, scene.answers) if prompt.key in scene.answers]
    if not asked:
        return begin(scene, consultation)
    lines = [
        T(
            "{number}. {question} {answer}",
            number=number,
            question=prompt.text,
            answer=show_answer(prompt, scene.answers[prompt.key]),
        )
        for number, prompt in enumerate(asked, 1)
    ]
    change = [
        Button(T("Change {number}", number=n), action("ask", consultation.slug, p.key)) for n, p in enumerate(asked, 1)
    ]
    more = next_prompt(consultation, scene.answers)
    on = [Button(T("Carry on"), action("begin", consultation.slug), tone=Tone.PRIMARY)] if more else []
    rows = [change[start : start + 3] for start in range(0, len(change), 3)]
    return go(
        IDLE,
        say(Lines(tuple(lines)), title=consultation.title, buttons=[*rows, [*on, Button(T("Done"), action("home"))]]),
    )


def question(scene: Scene, consultation: Consultation, prompt: Prompt, picked: tuple[str, ...] = ()) -> Say:
    """A prompt as a message: which it is of how many, its words, its buttons, and the ways on, back and out."""
    place, places = place_of(consultation, scene.answers, prompt.key)
    words: list[Words] = [Lines((T("Question {place} of {places}", place=place, places=places), prompt.text))]
    if prompt.help:
        words.append(prompt.help)
    if prompt.kind is PromptKind.IDEA and consultation.lists_ideas:
        words.append(T("Ideas will be listed on a public page, without names."))
    if prompt.kind is PromptKind.SCALE and prompt.low and prompt.high:
        low, high = prompt.scale
        words.append(
            T("{low} = {low_end}, {high} = {high_end}", low=low, low_end=prompt.low, high=high, high_end=prompt.high)
        )
    if prompt.kind is PromptKind.RANK and picked:
        words.append(show_answer(prompt, picked))
    given = scene.answers.get(prompt.key)
    if given is not None and not picked:
        words.append(T("Your answer: {answer}", answer=show_answer(prompt, given)))
    return say(*words, buttons=[*_choices(consultation, prompt, picked), _ways(scene, consultation, prompt)])


def _choices(consultation: Consultation, prompt: Prompt, picked: tuple[str, ...]) -> list[list[Button]]:
    slug, key = consultation.slug, prompt.key
    if prompt.kind in CHOOSING:
        buttons = [Button(option.label, action("answer", slug, key, option.key)) for option in prompt.choices]
        together = prompt.kind in (PromptKind.YESNO, PromptKind.STATEMENT, PromptKind.SCALE)
        width = MOST_IN_A_ROW if together else 1
        return [buttons[start : start + width] for start in range(0, len(buttons), width)]
    if prompt.kind not in PICKING:
        return []
    ranks = {option: place for place, option in enumerate(picked, 1)}
    rows = []
    for option in prompt.choices:
        if prompt.kind is PromptKind.MANY:
            mark: Words = (
                T("☑ {option}", option=option.label) if option.key in ranks else T("☐ {option}", option=option.label)
            )
        elif option.key in ranks:
            mark = T("{number}. {option}", number=ranks[option.key], option=option.label)
        else:
            mark = option.label
        rows.append([Button(mark, action("tick", slug, key, option.key))])
    if picked:
        rows.append(
            [
                Button(T("Start over"), action("clear", slug, key)),
                Button(T("Done"), action("done", slug, key), tone=Tone.PRIMARY),
            ]
        )
    return rows


def _ways(scene: Scene, consultation: Consultation, prompt: Prompt) -> list[Button]:
    ways = []
    if previous_prompt(consultation, scene.answers, prompt.key):
        ways.append(Button(T("← Back"), action("back", consultation.slug, prompt.key)))
    if scene.answers.get(prompt.key) is not None:
        ways.append(Button(T("Leave as it is"), action("on", consultation.slug)))
    elif not prompt.required:
        ways.append(Button(T("Skip"), action("skip", consultation.slug, prompt.key)))
    return [*ways, Button(T("Later"), action("home"))]


def _refusal(scene: Scene, consultation: Consultation) -> Turn | None:
    """Why nothing can be answered just now: it isn't open, or we may not keep what they say."""
    if consultation.is_open(scene.now) and not scene.member.has_consented:
        return ask_consent(scene, action("begin", consultation.slug))
    match consultation.phase(scene.now):
        case Phase.OPEN:
            return None
        case Phase.CLOSED:
            words: Words = T(
                "This consultation closed on {time}. Thank you for wanting to take part.",
                time=consultation.closes_at or scene.now,
            )
        case Phase.SCHEDULED:
            words = T("This consultation opens on {time}.", time=consultation.opens_at or scene.now)
        case Phase.DRAFT:
            words = T("This consultation isn’t open yet.")
    outcome = consultation.told(scene.now)
    told: list[Words] = [outcome] if outcome else []
    return go(IDLE, say(words, *told, title=consultation.title, buttons=[[Button(T("What is open?"), action("home"))]]))


def _picked(scene: Scene, prompt: Prompt) -> tuple[str, ...]:
    step = scene.session.step
    if isinstance(step, Answering) and step.prompt == prompt.key:
        return tuple(key for key in step.picked if choice(prompt, key))
    return ()
