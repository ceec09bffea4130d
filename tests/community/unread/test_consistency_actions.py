"""Comparing what is kept as new with the posts."""

import pytest
from django.core.management import CommandError, call_command

from community.spaces import actions as spaces
from community.unread import queries
from community.unread.models import Unread
from tests import written


def test_numbers_that_are_right_or_out_of_date_are_no_difference(cast, capsys):
    written.start(cast.space, cast.participant)
    queries.new_in(cast.trainer, [cast.space.pk])
    call_command("check_unread")
    Unread.objects.update(threads=7)
    written.start(cast.space, cast.participant)
    call_command("check_unread")
    assert capsys.readouterr().out.count("agrees") == 2


def test_a_wrong_number_is_found_and_counted_again(cast, capsys):
    written.start(cast.space, cast.participant)
    queries.new_in(cast.trainer, [cast.space.pk])
    Unread.objects.update(threads=7)
    with pytest.raises(CommandError, match="Differences: 1"):
        call_command("check_unread")
    call_command("check_unread", mend=True)
    assert "Repaired: 1" in capsys.readouterr().out
    assert queries.new_in(cast.trainer, [cast.space.pk])[cast.space.pk].threads == 1
    call_command("check_unread")


def test_what_is_kept_for_who_was_dismissed_is_no_difference_and_right_when_they_are_back(cast):
    reader, space = cast.another_participant, cast.space
    written.start(space, cast.participant)
    queries.new_in(reader, [space.pk])
    spaces.dismiss(space=space, user=reader, by=cast.coordinator)
    call_command("check_unread")
    spaces.readmit(space=space, user=reader, by=cast.coordinator)
    call_command("check_unread")
    assert queries.new_in(reader, [space.pk])[space.pk].threads == 1
