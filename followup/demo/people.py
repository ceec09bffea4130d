"""The people a visitor can sign in as, by programme."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from community.people.models import User
from followup.demo.blurbs import BLURBS
from followup.demo.fixtures import Person, Programme, programmes

ROLES = {
    "participant": _("participant"),
    "awaiting": _("awaiting confirmation"),
    "trainer": _("trainer"),
    "coordinator": _("coordinator"),
    "evaluator": _("evaluator"),
}


@dataclass(frozen=True)
class Choice:
    """A person to sign in as: fixture and account."""

    person: Person
    user: User
    blurb: Promise
    """What the visitor will see as them, in the visitor's language."""

    @property
    def role(self) -> str:
        """The role as a word."""
        return str(ROLES[self.person.role])

    @property
    def badge(self) -> str:
        """The modifier of their badge and picture."""
        return {"trainer": "answers", "coordinator": "staff", "evaluator": "staff"}.get(self.person.role, "")

    @property
    def is_awaiting(self) -> bool:
        return self.person.role == "awaiting"


@dataclass(frozen=True)
class Cast:
    """One programme with the people a visitor can sign in as."""

    programme: Programme
    choices: list[Choice]

    @property
    def language(self) -> str:
        """The language of the programme."""
        return self.programme.institute.language

    def first(self, role: str) -> Choice | None:
        """The first person with this role."""
        return next((choice for choice in self.choices if choice.person.role == role), None)


def sign_in_choices() -> list[Cast]:
    """Every seeded programme with its people to sign in as, those in the visitor's language first; empty if
    the demo's sign-in is off."""
    if not settings.DEMO_SIGN_IN:
        return []
    users = _users()
    found = []
    for programme in programmes():
        blurbs = BLURBS[programme.institute.slug]
        choices = [
            Choice(person, users[address], blurbs[person.key])
            for person in programme.pickable
            if (address := programme.address(person.key)) in users
        ]
        if choices:
            found.append(Cast(programme, choices))
    return sorted(found, key=lambda cast: nearness(cast.language))


def nearness(language: str) -> int:
    """The rank of a programme's language: the visitor's own, English, all others."""
    return [get_language(), "en", language].index(language)


def find_choice(key: str) -> User | None:
    """The user with this key, if visitors can sign in as them."""
    return next((user for user in _users().values() if str(user.key) == key), None)


def person_of(user: User) -> tuple[Programme, Person] | None:
    """The programme and the fixture of a user; None for an account that is not of the demo."""
    return _people().get(user.email)


def programme_of(visitor: User | AnonymousUser) -> Programme:
    """The programme of the person that a visitor is being, or else the one nearest to their language."""
    if visitor.is_authenticated and (found := person_of(visitor)):
        return found[0]
    return min(programmes(), key=lambda programme: nearness(programme.institute.language))


def counterpart_of(user: User) -> User | None:
    """Who talks with a person of the demo in a second window: a trainer of their programme, or with a trainer
    a participant."""
    found = person_of(user)
    if found is None:
        return None
    programme, person = found
    cast = next((cast for cast in sign_in_choices() if cast.programme == programme), None)
    choice = cast.first("participant" if person.role == "trainer" else "trainer") if cast else None
    return choice.user if choice else None


@cache
def _people() -> dict[str, tuple[Programme, Person]]:
    return {
        programme.address(person.key): (programme, person)
        for programme in programmes()
        for person in programme.people
    }


def _users() -> dict[str, User]:
    addresses = [programme.address(person.key) for programme in programmes() for person in programme.pickable]
    return {user.email: user for user in User.objects.filter(email__in=addresses, suspended_at=None)}
