"""Whoever is erased is found nowhere: not in a table, a session, a file or a search text."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import Model, QuerySet

from common import clock, names, privacy
from community.erasure import actions
from community.people.models import User
from community.posts.models import Audience
from messaging.files.models import File
from messaging.notifications.models import Mail
from tests.community.erasure.traces import (
    ADDRESS,
    PRIVATE,
    PUBLIC,
    TRACE,
    found_in_files,
    found_in_the_database,
)

pytestmark = pytest.mark.django_db


def relations_to_people() -> set[str]:
    """Every foreign key and every list of people, of our models and of others'."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.related_model is User or (model is User and field.many_to_many)
    }


def test_every_relation_to_people_is_exported_and_erased_by_some_subject():
    assert relations_to_people() == privacy.covered()


def test_the_person_of_these_tests_has_left_something_in_every_relation(zsofia):
    """A new relation has to be laid in conftest.py, so that the tests below look for what it stores."""
    left_out = []
    for relation in privacy.covered():
        label, _dot, field = relation.rpartition(".")
        if label == "community.User":
            used = getattr(zsofia, field).exists()
        else:
            used = apps.get_model(label)._base_manager.filter(**{field: zsofia}).exists()
        left_out += [] if used else [relation]
    assert not left_out
    assert found_in_the_database(TRACE)
    assert found_in_the_database(PRIVATE)


def erase(user, *, takes_posts=False):
    actions.erase_at_once(user=user, takes_posts=takes_posts)


@pytest.mark.parametrize("takes_posts", [False, True])
def test_no_name_no_address_and_nothing_private_is_left(
    zsofia, takes_posts, uploads, record_file, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        erase(zsofia, takes_posts=takes_posts)
    for needle in (TRACE, PRIVATE):
        assert not found_in_the_database(needle)
        assert not found_in_files(uploads, needle)
        assert not found_in_files(record_file.parent, needle)


def test_what_others_could_read_stays_without_the_name(zsofia):
    erase(zsofia)
    assert found_in_the_database(PUBLIC) == {
        "community.Comment.html",
        "community.Comment.search_text",
        "community.Comment.text",
        "community.Practice.search_text",
        "community.Practice.title",
        "community.Practice.tried",
        "community.Practice.tried_html",
        "community.Reply.html",
        "community.Reply.search_text",
        "community.Reply.text",
        "community.Thread.html",
        "community.Thread.search_text",
        "community.Thread.text",
        "community.Thread.title",
        # The titles of conversations, in the bells of others.
        "messaging.Notification.context",
    }
    assert User.objects.get(pk=zsofia.pk).name == names.NAMELESS


def test_or_goes_as_well(zsofia):
    erase(zsofia, takes_posts=True)
    assert not found_in_the_database(PUBLIC)


def test_what_others_wrote_stays_readable(zsofia, cast, as_):
    erase(zsofia, takes_posts=True)
    thread = Audience.objects.filter(post_kind="thread").order_by("post_id").first()
    page = as_(cast.participant).get(f"/threads/{thread.post_id}/").content.decode()
    assert "I liked it" in page
    assert found_in_the_database("year 7, restless")  # the try-out that builds on theirs


def test_mails_to_others_do_not_name_them_and_are_still_sent(zsofia, cast):
    erase(zsofia)
    sent = Mail.objects.get(user=cast.participant, key="mail 2")
    assert (sent.text, sent.html) == ("", "")
    waiting = Mail.objects.get(key="mail 3")
    assert (waiting.subject, waiting.text) == (names.NAMELESS, "—, — replied.")
    assert not Mail.objects.filter(address=ADDRESS).exists()


def test_the_file_of_a_material_that_is_shown_stays_and_that_of_a_removed_one_goes(
    zsofia, django_capture_on_commit_callbacks, uploads
):
    with django_capture_on_commit_callbacks(execute=True):
        erase(zsofia)
    (kept,) = File.objects.all()
    assert kept.name == "sheet.pdf"
    assert [path.name for path in uploads.rglob("*") if path.is_file()] == [kept.key.hex]


def test_what_is_deleted_is_overwritten_in_the_file_of_the_database():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete")
            assert cursor.fetchone() == (1,)


def copy_of_the_database() -> dict[type[Model], list]:
    return {
        model: list(model._base_manager.all())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in ("auth", "contenttypes") or model._meta.auto_created
    }


def restore(copy: dict[type[Model], list]) -> None:
    """What is there is replaced by what was copied; foreign keys are checked at the end of a transaction."""
    with connection.cursor() as cursor:
        for model in copy:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
    for model, rows in copy.items():
        QuerySet(model).bulk_create(rows)


def test_after_an_older_back_up_is_restored_they_are_erased_again(zsofia, cast, capsys):
    older = copy_of_the_database()
    erase(zsofia, takes_posts=True)
    restore(older)
    assert found_in_the_database(TRACE)
    assert User.objects.get(pk=zsofia.pk).is_active
    call_command("erase_again")
    assert "Erased again: 1." in capsys.readouterr().out
    for needle in (TRACE, PRIVATE, PUBLIC):
        assert not found_in_the_database(needle)
    assert User.objects.get(pk=cast.participant.pk).name == "Petra Participant"
    call_command("erase_again")
    assert "Erased again: 0." in capsys.readouterr().out


def test_the_record_is_no_number_that_may_be_somebody_elses_after_restoring(zsofia, capsys, record_file):
    erase(zsofia)
    text = record_file.read_text()
    assert str(zsofia.key) in text
    assert clock.today("UTC").isoformat() in text
    User.objects.filter(pk=zsofia.pk).update(key="00000000-0000-4000-8000-000000000000", erased_at=None)
    call_command("erase_again")
    assert "Erased again: 0." in capsys.readouterr().out
