"""The programme to measure with, at a tiny size: complete, consistent, and the same each time."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from bench.page_readers import READERS, pages_of
from community.people.models import User
from community.posts.models import Audience
from community.practices.actions import recount_chain
from community.practices.models import Practice
from community.spaces.consistency_actions import find_differences
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread
from community.unread.queries import new_in
from followup.demo import bulk_rows, programme
from messaging.chat.models import Entry, Room, RoomMember
from messaging.notifications.models import Bell, BellEntry, Notification

SIZE = programme.Size(people=24, institutes=2, spaces=4)
COMMAND = ("load_programme", "--people=24", "--institutions=2", "--spaces=4")


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The programme, loaded once for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command(*COMMAND, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_all_its_rows_keep_the_constraints_and_rooms_agree_with_memberships(loaded):
    connection.check_constraints()
    assert not find_differences()


@pytest.mark.django_db
def test_it_has_the_people_and_spaces_that_were_asked_for(loaded):
    assert User.objects.filter(email__startswith="member-").count() == SIZE.people
    assert Space.objects.count() == SIZE.spaces
    assert Membership.objects.filter(user__email__startswith="coordinator@").count() == SIZE.spaces
    assert Entry.objects.filter(room__space__pk=4).count() == SIZE.huge_room


@pytest.mark.django_db
def test_numbers_agree_with_what_they_count(loaded):
    for thread in Thread.objects.all():
        assert list(thread.replies.values_list("number", flat=True)) == list(range(1, thread.last_number + 1))
    for room in Room.objects.all():
        assert Entry.objects.filter(room=room).count() == room.last_number
    for bell in Bell.objects.all():
        assert BellEntry.objects.filter(bell=bell).count() == bell.last_number
    assert Audience.objects.count() == Thread.objects.count() + Practice.objects.count()


@pytest.mark.django_db
def test_posts_have_the_search_text_that_saving_would_give_them(loaded):
    for model in (Thread, Reply, Practice):
        post = model.objects.first()
        stored = post.search_text
        post.write_search_text()
        assert post.search_text == stored


@pytest.mark.django_db
def test_practices_know_how_often_they_were_tried(loaded):
    before = list(Practice.objects.order_by("pk").values_list("pk", "try_out_count", "worked_count"))
    assert any(counts[1] for counts in before)
    for practice in Practice.objects.filter(origin=None):
        recount_chain(practice)
    assert list(Practice.objects.order_by("pk").values_list("pk", "try_out_count", "worked_count")) == before


@pytest.mark.django_db
def test_the_first_member_has_read_everything_and_the_third_never_came(loaded):
    first, third = (User.objects.get(email=programme.member_address(0, member)) for member in (0, 2))
    assert new_in(first, [1]) == {1: (1, 0, 0)}
    assert not Notification.objects.unseen().filter(user=first).exists()
    assert RoomMember.objects.get(user=first).read_number == Room.objects.get(space=1).last_number
    assert RoomMember.objects.get(user=third).read_number == 0
    assert Membership.objects.get(user=third).came_in_at is None


@pytest.mark.django_db
def test_rows_that_are_added_later_have_numbers_of_their_own(loaded):
    newest = User.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert User.objects.create_user("Somebody").pk > newest


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reader", [one for one in READERS if one.space < SIZE.spaces], ids=lambda reader: reader.name
)
def test_the_pages_that_are_measured_can_be_read(loaded, as_, reader):
    for path in pages_of(reader).values():
        assert as_(User.objects.get(email=reader.address)).get(path).status_code == 200


@pytest.mark.django_db
def test_it_is_loaded_into_an_empty_database_only(loaded):
    with pytest.raises(CommandError, match="empty"):
        call_command(*COMMAND, verbosity=0)


@pytest.mark.django_db
def test_a_field_without_a_default_has_to_be_given():
    with pytest.raises(ValueError, match="number"):
        bulk_rows.Rows(Entry, "room")


@pytest.mark.django_db
def test_the_numbers_of_rows_never_go_back():
    """PostgreSQL does not roll a sequence back, so rows may be gone whose numbers were given."""
    tables = [bulk_rows.Rows(User, "email")]
    with transaction.atomic():
        far = User.objects.create(email="near@school.test", name="Near").pk + 1000
        User.objects.create(pk=far, email="far@school.test", name="Far")
        bulk_rows.finish(tables)
        transaction.set_rollback(True)
    bulk_rows.finish(tables)
    newest = User.objects.create(email="after@school.test", name="After").pk
    assert newest > (far if connection.vendor == "postgresql" else 0)
