"""Which institutes somebody has to do with, and the same person known to several of them.

Who types an address must not learn whose it is elsewhere in the installation, nor make somebody a trainer
unasked. So an institute finds only people it has to do with already. For everybody else there is a new row
with the name as it was typed, and an invitation; who has an account already adds it to that account, and
then everything of the row becomes theirs.
"""

from collections.abc import Callable, Iterable

from django.db import IntegrityError, models, transaction

from community.people.models import User

InstitutesOf = Callable[[Iterable[int]], Iterable[tuple[int, int]]]
"""The pairs of a user and an institute they have to do with, among these users."""
Mover = Callable[[User, User], None]
_registered: list[InstitutesOf] = []
_movers: dict[str, Mover] = {}


def register(institutes_of: InstitutesOf) -> None:
    """Register how one subject knows with which institutes somebody has to do."""
    _registered.append(institutes_of)


def register_mover(model: str, move: Mover) -> None:
    """Register what gives the rows of a model to another account, where changing the user is not enough. It
    is called after all other rows were moved."""
    _movers[model] = move


def institutes_of(users: Iterable[int]) -> dict[int, set[int]]:
    """The institutes that each of these users has to do with."""
    found: dict[int, set[int]] = {user: set() for user in users}
    for registered in _registered:
        for user, institute in registered(list(found)):
            found[user].add(institute)
    return found


@transaction.atomic
def move_to_account(*, invited: User, account: User) -> None:
    """Give everything that an institute entered for an invited person to the account that is theirs, and
    delete the row. They never signed in with it, so they have written nothing."""
    for relation in User._meta.get_fields(include_hidden=True):
        # Those of many to many are found by the model between.
        if isinstance(relation, models.ManyToOneRel) and relation.field.model._meta.label not in _movers:
            _move_rows(relation.field, invited, account)
    for move in dict.fromkeys(_movers.values()):
        move(invited, account)
    User.objects.get(pk=invited.pk).delete()


def _move_rows(field: "models.Field", invited: User, account: User) -> None:
    """Change the user in these rows. A row that the account has already is left to be deleted."""
    rows = field.model._base_manager
    for pk in list(rows.filter(**{field.name: invited}).values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                rows.filter(pk=pk).update(**{field.name: account})
        except IntegrityError:
            rows.filter(pk=pk).delete()
