"""What is loaded beside a row."""

from itertools import islice

from django.db.models import F, FilteredRelation, Q

from common.beside import Beside
from community.people.models import User


def test_each_subject_takes_the_values_of_its_own_columns(cast):
    taken = {}

    def add_membership(people, reader):
        mine = FilteredRelation("memberships", condition=Q(memberships__space=cast.space))
        return people.annotate(mine=mine), ["mine__role", "mine__user"]

    beside = Beside()
    beside.register(
        add_membership,
        lambda user, reader, values: taken.update(membership=[user, *islice(values, 2)]),
    )
    beside.register(
        lambda people, reader: (people, [F("language")]),
        lambda user, reader, values: taken.update(language=[reader, next(values)]),
    )
    rows, columns = beside.add(User.objects.filter(pk=cast.trainer.pk), cast.coordinator)
    [(name, *values)] = rows.values_list("name", *columns)
    beside.hand_out(cast.trainer, cast.coordinator, values)
    assert name == cast.trainer.name
    assert taken == {
        "membership": [cast.trainer, "trainer", cast.trainer.pk],
        "language": [cast.coordinator, cast.trainer.language],
    }


def test_nothing_is_loaded_where_nothing_is_registered(cast):
    rows, columns = Beside().add(User.objects.all(), cast.trainer)
    assert (rows.count(), columns) == (User.objects.count(), [])
