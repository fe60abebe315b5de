"""The app's home page: the open consultations, and my ideas with what became of them."""

from collections.abc import Sequence

from bots.slack.mrkdwn import cut, linked
from bots.slack.writing import Block, rows, section, title
from core.actions import action
from core.consultations import Consultation
from core.ideas import Idea
from core.outbound import Key, Tone
from core.telling import STAGES
from core.texts import T, Texts, Words

MOST_CONSULTATIONS = 15
MOST_IDEAS = 20
LONGEST_TITLE = 150
LONGEST_FRAMING = 300
LONGEST_IDEA = 200


def home_page(
    open_: Sequence[tuple[Consultation, bool]], ideas: Sequence[Idea], texts: Texts, language: str, timezone: str
) -> Block:
    """`open_`: each with whether this member has answered anything of it."""

    def say(words: Words) -> str:
        return texts.say(words, language, timezone)

    blocks = title(say(T("Open consultations")))
    for consultation, has_begun in open_[:MOST_CONSULTATIONS]:
        lines = [
            f"*{linked(cut(say(consultation.title), LONGEST_TITLE))}*",
            linked(cut(say(consultation.framing), LONGEST_FRAMING)),
        ]
        if consultation.closes_at:
            lines.append(linked(say(T("Open until {time}.", time=consultation.closes_at))))
        begin = T("Change my answers") if has_begun else T("Answer")
        keys = [
            Key(say(begin), action("begin", consultation.slug), tone=Tone.PLAIN if has_begun else Tone.PRIMARY),
            Key(say(T("What is this?")), action("about", consultation.slug)),
        ]
        blocks += [section("\n".join(lines)), *rows([keys])]
    if not open_:
        blocks.append(section(linked(say(T("Nothing is being asked just now.")))))
    blocks += [{"type": "divider"}, *title(say(T("My ideas")))]
    for idea in ideas[:MOST_IDEAS]:
        line = f"*{idea.code}* – {linked(say(STAGES[idea.standing.stage]))}\n{linked(cut(idea.text, LONGEST_IDEA))}"
        (row,) = rows([[Key(say(T("Its story")), action("story", idea.code))]])
        blocks.append(section(line) | {"accessory": row["elements"][0]})
    if not ideas:
        blocks.append(section(linked(say(T("None yet. Type one with /idea, or write to me in Messages.")))))
    return {"type": "home", "blocks": blocks}
