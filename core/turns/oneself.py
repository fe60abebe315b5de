"""What a member settles about themselves: language, time zone, topics, addresses, STOP, and what is kept."""

from datetime import timedelta

from core.actions import LONGEST, action
from core.events import (
    ConsentGiven,
    LanguageChosen,
    LinkOffered,
    MembersLinked,
    MemberStopped,
    OrganiserMade,
    TimezoneChosen,
    TopicFollowed,
    TopicUnfollowed,
)  # fmt: skip
from core.members import Member
from core.outbound import Button, Tone, say
from core.ports import LinkOffer
from core.sessions import IDLE, Linking, Locating
from core.texts import TN, Lines, T, Words
from core.timezones import find_timezones
from core.turns.seats import answered_for
from core.turns.turn import Scene, Turn, go, stay

LINK_LASTS = timedelta(minutes=10)

CHANNELS: dict[str, Words] = {"telegram": "Telegram", "slack": "Slack", "web": T("the web chat")}


def stop(scene: Scene) -> Turn:
    """In the middle of anything. Nothing unasked reaches them after this, on any address."""
    words = say(
        T("You won’t hear from me again unless you write to me."),
        T("What you have said stays in the record. Type /start to come back, or /forget to have me forget you."),
    )
    return go(IDLE, words).with_events(MemberStopped(scene.now))


def help_(scene: Scene) -> Turn:
    rows = [
        [Button(T("What is open?"), action("home")), Button(T("My ideas"), action("mine"))],
        [Button(T("Language"), action("language")), Button(T("Time zone"), action("timezone"))],
        [Button(T("Topics"), action("topics")), Button(T("Link another app"), action("link"))],
        [Button(T("What is kept about me"), action("me")), Button(T("Stop"), action("stop"), tone=Tone.DANGER)],
    ]
    words: list[Words] = [
        T("Type an idea at any time: I’ll ask before I put it forward. Type a receipt code to read an idea’s story."),
        T(
            "/idea TEXT: put an idea forward\n/mine: my ideas\n/story CODE: an idea’s story\n"
            "/consultations: what is open\n/language, /timezone, /topics: how I write to you\n"
            "/link: one voice over all your apps\n/me: what is kept about you\n/stop: no more messages"
        ),
    ]
    if answered_for(scene.bodies, scene.offices):
        words.append(
            T(
                "For those who answer ideas:\n/queue: what waits for us, and answering it\n"
                "/meeting BODY 2026-12-03: which ideas a meeting considered\n"
                "/adopt CODE, /carried CODE, /uncarried CODE: what became of an accepted idea"
            )
        )
    if scene.authority.is_organiser:
        words.append(
            T(
                "For organisers:\n/check YAML, /load YAML: a consultation\n/open SLUG, /close SLUG\n"
                "/broadcast SLUG at 18:00 to BODY\n/status SLUG\n/outcome SLUG TEXT: tell all who took part\n"
                "/attach BODY, /detach, /post SLUG: in a channel\n"
                "/astray: ideas that no body has\n/route CODE BODY: send one of them on\n"
                "/moderate CODE: hide words, or black them out"
            )
        )
    return stay(scene, say(*words, title=T("How this works"), buttons=rows))


def language(scene: Scene, code: str) -> Turn:
    wanted = code.strip().casefold()
    chosen = next((c for c, name in scene.languages.items() if wanted in (c, name.casefold())), None)
    if chosen:
        return stay(
            scene, say(T("From now on I write to you in {language}.", language=scene.languages[chosen]))
        ).with_events(LanguageChosen(chosen))
    row = [Button(name, action("language", c)) for c, name in scene.languages.items()]
    unknown = [T("I don’t speak that yet.")] if wanted else []
    return stay(scene, say(*unknown, T("Which language shall I write in?"), buttons=[row]))


def ask_timezone(scene: Scene) -> Turn:
    known = T("Your time zone is {zone}.", zone=scene.member.timezone) if scene.member.timezone else ""
    words = T("Which city’s clock do you live by? Type its name, for example London.")
    return go(Locating(), say(known, words, buttons=[[Button(T("Leave it"), action("home"))]]))


def take_timezone(scene: Scene, typed: str) -> Turn:
    found = find_timezones(typed)
    if len(found) == 1:
        words = T("Your time zone is {zone}. I won’t write unasked at night there.", zone=found[0])
        return go(IDLE, say(words)).with_events(TimezoneChosen(found[0]))
    leave = [Button(T("Leave it"), action("home"))]
    rows = [[Button(zone.replace("_", " "), action("timezone", zone))] for zone in found if len(zone) < LONGEST - 9]
    words = T("Which of these?") if rows else T("I don’t know that place. Try the nearest large city.")
    return go(Locating(), say(words, buttons=[*rows, leave]))


def topics(scene: Scene) -> Turn:
    if not scene.topics:
        return stay(scene, say(T("There are no topics to follow yet.")))
    rows = []
    for topic in scene.topics[:20]:
        follows = topic.slug in scene.followed
        mark = T("☑ {option}", option=topic.name) if follows else T("☐ {option}", option=topic.name)
        rows.append([Button(mark, action("unfollow" if follows else "follow", topic.slug))])
    words = T("Tick what you want to be asked about.")
    return stay(scene, say(words, buttons=[*rows, [Button(T("Done"), action("home"))]]))


def follow(scene: Scene, slug: str, *, follows: bool) -> Turn:
    if all(topic.slug != slug for topic in scene.topics):
        return topics(scene)
    followed = scene.followed | {slug} if follows else scene.followed - {slug}
    event = TopicFollowed(slug) if follows else TopicUnfollowed(slug)
    return topics(scene.following(followed)).with_events(event)


# --- one member, one voice
def link(scene: Scene, typed: str) -> Turn:
    """Without a code: offers one. With somebody's: says what it would join, and asks."""
    if not typed:
        code = scene.codes.token
        offered = LinkOffered(code, scene.now + LINK_LASTS)
        words = say(
            T("On your other app, send me this within ten minutes: /link {code}", code=f"{code[:4]}-{code[4:]}"),
            T("Both will then be one voice: one member, one answer."),
        )
        return stay(scene, words).with_events(offered)
    offer = _offer(scene)
    if isinstance(offer, Turn):
        return offer
    rows = [
        [
            Button(T("Yes, both are me"), action("linked", offer.code), tone=Tone.PRIMARY),
            Button(T("No"), action("home")),
        ]
    ]
    words = say(
        T("This joins you with {who}. All that either has said becomes one person’s.", who=_named(offer)),
        T("Only do this if both are you. It can’t be undone here."),
        buttons=rows,
    )
    return go(IDLE, words)


def ask_link_code(scene: Scene) -> Turn:
    return go(
        Linking(),
        say(T("Type the code that I gave you in your other app."), buttons=[[Button(T("Leave it"), action("home"))]]),
    )


def linked(scene: Scene) -> Turn:
    offer = _offer(scene)
    if isinstance(offer, Turn):
        return offer
    joined = MembersLinked(offer.code, offer.member.id, scene.now)
    words = [T("Done: you are one voice now, wherever you write from.")]
    if scene.member.has_stopped or offer.member.has_stopped:
        words.append(T("You said STOP before, and that holds. Type /start to hear from me again."))
    return go(IDLE, say(*words)).with_events(joined)


def _named(offer: LinkOffer) -> Words:
    return T("“{text}”", text=offer.member.name) if offer.member.name else T("whoever asked me for that code")


def _offer(scene: Scene) -> LinkOffer | Turn:
    """The offer whose code was typed, or what is wrong with it."""
    if scene.offer is None:
        return go(IDLE, say(T("That code doesn’t work, or no longer. Type /link in your other app for a new one.")))
    if scene.offer.member.id == scene.member.id:
        return go(IDLE, say(T("That is your own code. Type it in your other app.")))
    return scene.offer


def become_organiser(scene: Scene, code: str) -> Turn:
    if not scene.organiser_code_is_good:
        return stay(scene, say(T("That code doesn’t work, or no longer. Ask for a new one.")))
    consent = () if scene.member.has_consented else (ConsentGiven(scene.now),)
    words = say(
        T("You are an organiser now. Type /help to see what you can do."),
        buttons=[[Button(T("Help"), action("help"))]],
    )
    return go(IDLE, words).with_events(*consent, OrganiserMade(code, scene.now))


def _verified(member: Member) -> tuple[Words, ...]:
    if member.verified_at is None:
        return ()
    return (T("You are on the membership roll, as you showed on {time}.", time=member.verified_at),)


def me(scene: Scene) -> Turn:
    """What is kept, in short."""
    member = scene.member
    channels = sorted({address.channel for address in scene.addresses})
    followed = [topic.name for topic in scene.topics if topic.slug in scene.followed]
    lines: list[Words] = [
        T("Name: {name}", name=member.name or "–"),
        *(T("You write from {channel}.", channel=CHANNELS.get(channel, channel)) for channel in channels),
        T("Language: {language}", language=scene.languages.get(member.language, member.language)),
        T("Time zone: {zone}", zone=member.timezone or T("not known")),
        T("You agreed on {time}.", time=member.consented_at)
        if member.consented_at
        else T("You haven’t agreed to anything yet, so nothing you say is kept."),
        *_verified(member),
        TN("You have put forward {count} idea.", "You have put forward {count} ideas.", len(scene.mine)),
        *(T("You follow {topic}.", topic=name) for name in followed),
        T("You said STOP: nothing unasked reaches you.")
        if member.has_stopped
        else T("I may write to you when something is asked."),
    ]
    rows = [
        [Button(T("My ideas"), action("mine")), Button(T("Language"), action("language"))],
        [Button(T("Time zone"), action("timezone")), Button(T("Link another app"), action("link"))],
        [Button(T("Send me everything as a file"), action("file"))],
        [
            Button(T("Stop"), action("stop"), tone=Tone.DANGER),
            Button(T("Forget me"), action("forget"), tone=Tone.DANGER),
        ],
    ]
    return stay(scene, say(Lines(tuple(lines)), title=T("What is kept about you"), buttons=rows))
