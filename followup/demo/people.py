"""The people a visitor can sign in as, by programme."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from community.people.models import User
from followup.demo.fixtures import Person, Programme, programmes

ROLES = {
    "participant": _("participant"),
    "awaiting": _("awaiting confirmation"),
    "trainer": _("trainer"),
    "coordinator": _("coordinator"),
    "evaluator": _("evaluator"),
}
ORDER = ["participant", "trainer", "coordinator", "evaluator", "awaiting"]


@dataclass(frozen=True)
class Choice:
    """A person to sign in as: fixture and account."""

    person: Person
    user: User

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


def sign_in_choices() -> list[Cast]:
    """Every seeded programme with its people to sign in as; empty if the demo's sign-in is off."""
    if not settings.DEMO_SIGN_IN:
        return []
    users = _users()
    found = []
    for programme in programmes():
        choices = [
            Choice(person, users[address])
            for person in sorted(programme.pickable, key=lambda each: ORDER.index(each.role))
            if (address := programme.address(person.key)) in users
        ]
        if choices:
            found.append(Cast(programme, choices))
    return found


def find_choice(key: str) -> User | None:
    """The user with this key, if visitors can sign in as them."""
    return next((user for user in _users().values() if str(user.key) == key), None)


def _users() -> dict[str, User]:
    addresses = [programme.address(person.key) for programme in programmes() for person in programme.pickable]
    return {user.email: user for user in User.objects.filter(email__in=addresses, suspended_at=None)}
