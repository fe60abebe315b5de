"""A form with all of a consultation's prompts at once (Slack's modal): every answer is good, or nothing happens."""

from dataclasses import replace

from core.answers import read_answer
from core.consultations import Consultation
from core.events import AnswerGiven, ConsentGiven, ConsultationBegun, ConsultationFinished, Event, IdeaCaptured
from core.inbound import Submitted
from core.outbound import Say
from core.places import Place, Source
from core.prompts import Answers, Prompt, PromptKind, Value
from core.texts import Phrase, T
from core.turns import answering
from core.turns.ideas import new_idea, receipt, source_of
from core.turns.turn import Scene, Turn, stay

CONSENT = "consent"
"""The form's field in which a newcomer agrees; `yes` where they do."""


def submit(scene: Scene, form: Submitted) -> Turn:
    consultation = scene.consultation
    if consultation is None or not consultation.is_open(scene.now):
        first = consultation.prompts[0].key if consultation else CONSENT
        return replace(stay(scene), problems={first: T("This consultation isn’t open any more.")})
    agreed = scene.member.has_consented or form.values.get(CONSENT) in ("yes", ("yes",))
    answers, problems = read_form(consultation, form, scene.answers)
    if not agreed:
        problems = {CONSENT: T("I can only keep your answers if you agree."), **problems}
    if problems:
        return replace(stay(scene), problems=problems)
    consent: list[Event] = [] if scene.member.has_consented else [ConsentGiven(scene.now)]
    receipts, kept, events = _keep(scene, consultation, answers)
    finished = answering.finish(scene.with_answers(kept), consultation)
    private = Place.private_to(scene.inbound.sender)
    says = tuple(replace(said, to=private) for said in (*receipts, *finished.says))
    begun, done = ConsultationBegun(consultation.slug, scene.now), ConsultationFinished(consultation.slug, scene.now)
    return Turn(scene.session, says, (*consent, begun, *events, done))


def read_form(
    consultation: Consultation, form: Submitted, before: Answers
) -> tuple[dict[str, Value | None], dict[str, Phrase]]:
    """The answers to the prompts that these answers lead to, in order, and what is wrong with any. None: skipped."""
    answers: dict[str, Value | None] = {}
    problems: dict[str, Phrase] = {}
    for prompt in consultation.prompts:
        if not prompt.is_asked(answers):
            continue
        given = form.values.get(prompt.key, "")
        if not given or (isinstance(given, str) and not given.strip()):
            has_idea = prompt.kind is PromptKind.IDEA and before.get(prompt.key) is not None
            if prompt.required and not has_idea:
                problems[prompt.key] = T("Please answer this one.")
            answers[prompt.key] = before.get(prompt.key) if has_idea else None
            continue
        value = read_answer(prompt, given)
        if isinstance(value, Phrase):
            problems[prompt.key] = value
        else:
            answers[prompt.key] = value
    return answers, problems


def _keep(
    scene: Scene, consultation: Consultation, answers: dict[str, Value | None]
) -> tuple[list[Say], Answers, list[Event]]:
    """What is new in the answers. An idea put forward before stands; words sent again are a new one."""
    says: list[Say] = []
    events: list[Event] = []
    kept = dict(answers)
    for prompt in consultation.prompts:
        if prompt.key not in answers:
            continue
        value = answers[prompt.key]
        if prompt.key in scene.answers and scene.answers[prompt.key] == value:
            continue
        if prompt.kind is PromptKind.IDEA and value is not None:
            idea = new_idea(
                scene, str(value), _source(scene, prompt), scene.inbound.at,
                consultation=consultation.slug, prompt=prompt.key, receipt_number=len(says),
            )  # fmt: skip
            kept[prompt.key] = value = idea.code
            says.append(receipt(scene, idea))
            events.append(IdeaCaptured(idea))
        events.append(AnswerGiven(consultation.slug, prompt.key, value, scene.now))
    return says, kept, events


def _source(scene: Scene, prompt: Prompt) -> Source:
    source = source_of(scene)
    return replace(source, message=f"{source.message}#{prompt.key}")
