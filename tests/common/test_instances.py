"""Instances made of the rows of a statement are those that the ORM makes."""

from common.instances import Instances
from community.spaces.models import Membership, Space
from followup.months.models import Month


def test_they_are_those_of_select_related(cast, django_assert_num_queries):
    months = Instances(Month, "space__institute", "course", "opener")
    row = Month.objects.values_list(*months.columns).get(pk=cast.month.pk)
    wanted = Month.objects.select_related("space__institute", "course", "opener").get(pk=cast.month.pk)
    with django_assert_num_queries(0):
        month = months.made_of(row)
        assert month == wanted
        assert (month.space, month.space.institute, month.course, month.opener) == (
            wanted.space,
            wanted.space.institute,
            wanted.course,
            wanted.opener,
        )
        assert month.space.closes_at == wanted.space.closes_at
        assert not month._state.adding


def test_a_relation_without_a_row_is_none(cast, django_assert_num_queries):
    Space.objects.update(institute=None)
    members = Instances(Membership, "space__institute", "dismissed_by")
    row = Membership.objects.values_list(*members.columns).filter(user=cast.participant)[0]
    with django_assert_num_queries(0):
        member = members.made_of(row)
        assert member.space.institute is None
        assert member.dismissed_by is None


def test_they_can_be_changed(cast):
    spaces = Instances(Space)
    space = spaces.made_of(Space.objects.values_list(*spaces.columns).get(pk=cast.space.pk))
    space.title = "Another title"
    space.save()
    assert Space.objects.get(pk=cast.space.pk).title == "Another title"
