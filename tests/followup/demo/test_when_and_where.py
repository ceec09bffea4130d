"""When and where the demo can be seeded."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from common import clock
from common.access import Refused
from community.institutes.models import Institute
from community.people.models import User
from community.practices.models import Practice
from community.threads.models import Reply
from followup.demo import actions


def test_it_can_be_seeded_late_in_the_day(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    moment = dt.datetime(2027, 3, 1, 23, 5, tzinfo=dt.UTC)  # when it is tomorrow already where people are
    with clock.at(moment):
        actions.seed_if_due()
        assert not Reply.objects.filter(created_at__gt=moment).exists()
        for try_out in Practice.objects.exclude(builds_on=None).select_related("builds_on"):
            assert try_out.created_at > try_out.builds_on.created_at


def test_a_database_of_others_is_not_emptied(cast):
    with pytest.raises(CommandError, match="not of the demo"):
        call_command("demo", "--reset")
    assert Institute.objects.filter(pk=cast.institute.pk).exists()


def test_it_is_seeded_in_the_demo_only(db, settings):
    settings.MODE = "production"
    with pytest.raises(CommandError, match="demo mode"):
        call_command("demo")
    with pytest.raises(Refused):
        actions.reset()
    assert not User.objects.exists()
