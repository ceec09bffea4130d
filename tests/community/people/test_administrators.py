"""Administrators are created by a command, and join by an invitation like everybody else."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from community.people.models import Invitation, User


def output_of(capsys, *arguments):
    call_command("make_administrator", *arguments)
    return capsys.readouterr().out


def test_a_new_user_gets_an_invitation_and_its_link_is_printed(db, capsys, client):
    link = re.search(r"http\S+", output_of(capsys, "Anna Nagy", "anna@example.org")).group()
    anna = User.objects.get()
    assert (anna.is_staff, anna.is_superuser, anna.joined_at) == (True, True, None)
    assert client.get(link).status_code == 200
    assert Invitation.objects.get().next_path == reverse("today")
    assert anna.mails.count() == 1


def test_somebody_who_has_joined_runs_it_at_once(participant, as_, capsys):
    assert as_(participant).get(reverse("admin:index")).status_code == 403
    output_of(capsys, "Another Name", participant.email)
    assert as_(User.objects.get(pk=participant.pk)).get(reverse("admin:index")).status_code == 200
    assert not Invitation.objects.exists()


def test_doing_it_twice_makes_nobody_twice(db, capsys):
    output_of(capsys, "Anna Nagy", "anna@example.org")
    output_of(capsys, "Anna Nagy", "anna@example.org")
    assert User.objects.count() == Invitation.objects.count() == 1


def test_what_is_no_address_is_refused(db):
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("make_administrator", "Anna Nagy", "anna")
    assert not User.objects.exists()
