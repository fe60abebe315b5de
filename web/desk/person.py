"""One member at the desk: what organisers may know of them and do about them. Never what they answered or said."""

from dataclasses import replace

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from core.deeds import Deed, Did, of_member
from core.deliveries import Priority
from core.kept import Kept
from core.members import Address, Role
from core.outbound import File, Say, render, say
from core.places import Place
from core.ports import Post
from core.register import Consent, Person
from core.texts import Lines, Phrase, T
from core.turns.leaving import FILE_NAME, MEDIA_TYPE
from core.turns.oneself import CHANNELS
from web.desk.desk import At, Desk
from web.desk.members import AT, WORDS, bodies_of, find_body
from web.desk.numbers import NUMBER
from web.routes import Routes
from web.trouble import Trouble, nothing_here

MERGE, ERASE = T("one"), T("erase")
"""What is typed so that it isn't done by a slip."""


class People:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._own = desk, desk.parts, desk.own.membership

    def routes(self) -> Routes:
        routes, at = Routes(), f"{AT}/{{id:{NUMBER}}}"
        routes.page(at, self.show)
        routes.post(f"{at}/roles", self.give)
        routes.post(f"{at}/roles/take", self.take)
        routes.page(f"{at}/merge/{{other:{NUMBER}}}", self.ask_merge)
        routes.post(f"{at}/merge/{{other:{NUMBER}}}", self.merge)
        routes.page(f"{at}/erase", self.ask_erase)
        routes.post(f"{at}/erase", self.erase)
        routes.post(f"{at}/unverify", self.unverify)
        routes.post(f"{at}/file", self.file)
        routes.post(f"{at}/send", self.send)
        return routes

    # --- looking
    async def show(self, request: Request, id: int) -> Response:
        here = await self._desk.organiser(request)
        person = await self._find(here, id)
        doubles = await self._own.register.doubles(here.authority.scope, id)
        known = {one.slug: one for one in await self._parts.store.consultations() if here.authority.may_run(one)}
        return self._desk.show(
            request, "desk/members-one.html", here, part="members", person=person, doubles=doubles,
            took_part=[(known[one.consultation], one) for one in person.took_part if one.consultation in known],
            bodies=bodies_of(here), is_self=here.authority.member.id == id, chosen_roles=list(Role),
            wanted=request.query_params, **WORDS,
        )  # fmt: skip

    async def _find(self, here: At, id: int) -> Person:
        """Of whoever is in no body of theirs there is nothing here."""
        person = await self._own.register.person(here.authority.scope, id)
        if person is None:
            raise nothing_here()
        return person

    async def _whole(self, here: At, id: int) -> Person:
        person = await self._find(here, id)
        if not person.is_whole:
            raise Trouble(
                403,
                T("That isn’t yours to do"),
                T("They are in other bodies, too. Ask an organiser of the whole organisation."),
            )
        return person

    # --- roles
    async def give(self, request: Request, id: int) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        await self._find(here, id)
        body, role = find_body(here, str(form.get("body", ""))), _role(form)
        await self._own.register.give(here.by, id, (body.slug, role))
        return self._desk.go(f"{AT}/{id}", "role-given")

    async def take(self, request: Request, id: int) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        await self._find(here, id)
        body, role = find_body(here, str(form.get("body", ""))), _role(form)
        if id == here.authority.member.id and role is Role.ORGANISER:
            raise Trouble(409, T("That is your own office"), T("Ask another organiser to take it from you."))
        taken = await self._own.register.take(here.by, id, (body.slug, role))
        is_left = await self._own.register.person(here.authority.scope, id) is not None
        return self._desk.go(f"{AT}/{id}" if is_left else AT, "role-taken" if taken else "role-of-the-file")

    async def unverify(self, request: Request, id: int) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        await self._whole(here, id)
        await self._own.register.unverify(here.by, id)
        return self._desk.go(f"{AT}/{id}", "unverified")

    # --- two who are one
    async def _pair(self, here: At, id: int, other: int) -> tuple[Person, Person]:
        """Never oneself: whoever became one with a member would read all that they said in private."""
        if id == other:
            raise nothing_here()
        pair = await self._whole(here, id), await self._whole(here, other)
        if here.authority.member.id in (id, other):
            raise Trouble(
                409, T("One of them is you"), T("To join two accounts of your own, say /link to the bot from one.")
            )
        return pair

    async def ask_merge(self, request: Request, id: int, other: int) -> Response:
        here = await self._desk.organiser(request)
        return await self._ask_merge(request, here, id, other)

    async def _ask_merge(self, request: Request, here: At, id: int, other: int, *, status: int = 200) -> Response:
        pair = await self._pair(here, id, other)
        return self._desk.show(
            request, "desk/members-merge.html", here, status=status, part="members", pair=pair, word=MERGE,
            is_wrong=status != 200, **WORDS,
        )  # fmt: skip

    async def merge(self, request: Request, id: int, other: int) -> Response:
        """They are told on both their accounts, for it is only an organiser who takes them for one person."""
        here, form = await self._desk.posted_by_organiser(request)
        pair = await self._pair(here, id, other)
        if not self._is_typed(here, form, MERGE):
            return await self._ask_merge(request, here, id, other, status=422)
        told = [await self._message(one, _joined(*pair), member=id) for one in pair]
        if not await self._own.register.merge(here.by, id, other, [post for post in told if post]):
            raise nothing_here()
        return self._desk.go(f"{AT}/{id}", "merged")

    # --- leaving
    async def ask_erase(self, request: Request, id: int) -> Response:
        here = await self._desk.organiser(request)
        return await self._ask_erase(request, here, id)

    async def _ask_erase(self, request: Request, here: At, id: int, *, status: int = 200) -> Response:
        person = await self._whole(here, id)
        return self._desk.show(
            request, "desk/members-erase.html", here, status=status, part="members", person=person, word=ERASE,
            is_wrong=status != 200, **WORDS,
        )  # fmt: skip

    async def erase(self, request: Request, id: int) -> Response:
        """As if they had asked for it themselves; and they are told, unless they said STOP."""
        here, form = await self._desk.posted_by_organiser(request)
        person = await self._whole(here, id)
        if id == here.authority.member.id:
            raise Trouble(409, T("That is you"), T("To be forgotten yourself, say /forget to the bot."))
        if not self._is_typed(here, form, ERASE):
            return await self._ask_erase(request, here, id, status=422)
        told = await self._message(person, _farewell(), member=None)
        if not await self._own.register.erase(here.by, id, [told] if told else []):
            raise nothing_here()
        return self._desk.go(AT, "erased")

    def _is_typed(self, here: At, form: FormData, word: Phrase) -> bool:
        typed = str(form.get("sure", "")).strip().casefold()
        return typed in {self._parts.texts.say(word, known).casefold() for known in (here.reader.language, "en")}

    # --- what is kept about them
    async def file(self, request: Request, id: int) -> Response:
        """What organisers may see of it: without their words, answers and ideas."""
        here, _ = await self._desk.posted_by_organiser(request)
        await self._whole(here, id)
        kept = await self._own.register.kept(id)
        if kept is None:
            raise nothing_here()
        await self._desk.own.deeds.note(here.by, Deed(Did.EXPORTED, of_member(id)))
        headers = {"content-disposition": f'attachment; filename="member-{id}.yaml"'}
        theirs = {one.slug for one in await self._parts.store.consultations() if here.authority.may_run(one)}
        seen = tuple(one for one in kept.taking_part if one.consultation in theirs)
        content = _written(without_words(replace(kept, taking_part=seen))).encode("utf-8", "replace")
        return Response(content, media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)

    async def send(self, request: Request, id: int) -> Response:
        """Everything, to themselves: as /me gives it."""
        here, _ = await self._desk.posted_by_organiser(request)
        person = await self._whole(here, id)
        kept = await self._own.register.kept(id)
        if kept is None:
            raise nothing_here()
        words = say(
            T("An organiser sends you everything that I keep about you, as a file."),
            T("It holds your own words. Keep it where nobody else reads it."),
        )
        told = await self._message(person, replace(words, file=File(FILE_NAME, MEDIA_TYPE, _written(kept))), member=id)
        if told is None:
            raise Trouble(
                409, T("They can’t be written to"), T("They said STOP, or can’t be reached. They can say /me.")
            )
        await self._own.register.send(here.by, id, told)
        return self._desk.go(f"{AT}/{id}", "file-sent")

    async def _message(self, person: Person, said: Say, *, member: int | None) -> Post | None:
        """Unasked, so it waits for the morning, and is judged again when it is sent; but for a farewell, which is to
        nobody whom we know. None where they can't or mustn't be written to."""
        who = person.member
        where = await self._own.register.reached(who.id)
        if where is None or person.listed.consent in (Consent.STOPPED, Consent.UNREACHABLE):
            return None
        texts = self._parts.texts
        message = render(said, texts, texts.language_for(who.language), who.timezone or "UTC")
        priority = Priority.REPLY if member is None else Priority.NEWS
        return Post(Place.private_to(where), message, priority, member=member)


def without_words(kept: Kept) -> Kept:
    """As much as organisers may see, who see answers and ideas without names, and so no names with them. It is named
    here, so that what the file comes to tell besides isn’t theirs to see by itself."""
    blank = tuple(replace(one, session="", address=Address(one.address.account, "")) for one in kept.addresses)
    return Kept(
        member=kept.member,
        addresses=blank,
        topics=kept.topics,
        offices=kept.offices,
        taking_part=kept.taking_part,
        deliveries=kept.deliveries,
        inbound=kept.inbound,
    )


def _written(kept: Kept) -> str:
    from core.flows.keeping import write_kept  # what writes YAML is loaded once somebody wants a file

    return write_kept(kept)


def _joined(one: Person, other: Person) -> Say:
    channels = [CHANNELS.get(channel, channel) for person in (one, other) for channel in person.listed.channels]
    return say(
        T("An organiser has joined two accounts that they take for yours: what either has said is one person’s now."),
        Lines(tuple(T("You write from {channel}.", channel=channel) for channel in channels)),
        T("If one of them isn’t yours, tell your organisers before you write anything else here. I can’t undo it."),
    )


def _farewell() -> Say:
    return say(
        T("An organiser has had me forget you. All that I kept about you is gone."),
        T("If you write to me again, I’ll not know you."),
    )


def _role(form: FormData) -> Role:
    typed = str(form.get("role", ""))
    if typed not in set(Role):
        raise Trouble(400, T("There is no such role"), T("Go back, and choose one of those that are offered."))
    return Role(typed)
