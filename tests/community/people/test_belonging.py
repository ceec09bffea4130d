"""An institute finds only people it has to do with; who is known elsewhere says yes first."""

import pytest
from django.urls import reverse

from common import clock
from community.institutes.actions import add_staff
from community.institutes.models import Staff
from community.people import actions, belonging, invitations
from community.people.models import User
from community.spaces.actions import admit
from community.spaces.consistency_actions import find_differences
from community.spaces.models import Membership
from followup.completions import actions as completions
from followup.completions.preview import preview
from followup.courses import run_actions
from followup.courses.models import CompletionBatch, Course, Enrolment, Run, RunTrainer
from messaging.chat.models import RoomMember
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db
ADDRESS = "sara.stranger@school.test"


@pytest.fixture
def other_run(cast):
    """A run of another institute, which has nothing to do with anybody of the cast but its coordinator."""
    course = Course.objects.create(
        institute=cast.other_institute, title="Elsewhere", slug="elsewhere", language="pl"
    )
    today = clock.today("Europe/Warsaw")
    return Run.objects.create(course=course, starts_on=today, ends_on=today)


def add_trainer(run, by, name="Typed Name", address=ADDRESS):
    return run_actions.add_trainer(run=run, by=by, name=name, address=address)[0]


def add_by_trainer_form(client, run):
    client.post(
        reverse("run_trainer_add", args=[run.pk]), {"trainer-name": "Typed Name", "trainer-address": ADDRESS}
    )


def add_by_person_form(client, run):
    client.post(
        reverse("enrolment_add", args=[run.pk]), {"person-name": "Typed Name", "person-address": ADDRESS}
    )


def add_by_list(client, run):
    client.post(reverse("enrolment_list", args=[run.pk]), {"people": f"Typed Name, {ADDRESS}"})


def add_by_staff_form(client, run):
    institute = run.course.institute
    data = {"name": "Typed Name", "address": ADDRESS, "role": "office"}
    client.post(reverse("staff_add", kwargs={"slug": institute.slug}), data)


@pytest.mark.parametrize("add", [add_by_trainer_form, add_by_person_form, add_by_list, add_by_staff_form])
def test_no_form_says_whose_an_address_is_elsewhere(add, other_run, cast, as_):
    client = as_(cast.other_coordinator)
    add(client, other_run)
    pages = [
        client.get(reverse("run", args=[other_run.pk])),
        client.get(reverse("institute", args=[cast.other_institute.slug])),
        client.get("/"),
    ]
    text = "".join(page.content.decode() for page in pages)
    assert "Typed Name" in text
    assert "Stranger" not in text
    assert not Staff.objects.filter(user=cast.stranger).exists()
    assert not Enrolment.objects.filter(user=cast.stranger).exists()


def test_a_list_and_its_preview_do_not_say_it_either(other_run, cast):
    RunTrainer.objects.create(run=other_run, user=cast.other_coordinator)
    text = f"email,name\n{ADDRESS},Typed Name\n{cast.trainer.email},Typed Trainer\n"
    batch = completions.upload(
        run=other_run,
        by=cast.other_coordinator,
        raw=text.encode(),
        file_name="list.csv",
        source=CompletionBatch.Source.FILE,
    )
    shown = preview(batch)
    assert all(mail.invites for mail in shown.mails)
    assert "Sara" not in str(shown)
    assert "Tamara" not in str(shown)
    completions.apply(batch=batch, by=cast.other_coordinator)
    names = set(other_run.enrolments.values_list("user__name", flat=True))
    assert names == {"Typed Name", "Typed Trainer"}


@pytest.mark.parametrize("who", ["trainer", "participant", "awaiting", "evaluator", "coordinator"])
def test_whom_the_institute_knows_is_found_by_the_address(who, run, cast):
    known = cast.who(who)
    user, is_new = actions.find_or_create_user(
        name="Typed", address=known.email, language="en", time_zone="UTC", institute=cast.institute.pk
    )
    assert (user, is_new) == (known, False)


def test_who_was_invited_by_another_institute_keeps_the_name_typed_there_to_it(other_run, run, cast):
    here = add_trainer(run, cast.coordinator, "Nora Here", "nora@school.test").user
    there = add_trainer(other_run, cast.other_coordinator, "N. There", "nora@school.test").user
    assert here != there
    assert (here.name, there.name) == ("Nora Here", "N. There")
    assert add_trainer(other_run, cast.other_coordinator, "Again", "nora@school.test").user == there


def test_who_has_an_account_adds_the_invitation_to_it(other_run, cast, as_):
    trainer = add_trainer(other_run, cast.other_coordinator)
    add_staff(
        institute=cast.other_institute,
        by=cast.other_coordinator,
        name="Typed Name",
        address=ADDRESS,
        role="office",
    )
    run_actions.enrol(run=other_run, by=cast.other_coordinator, people=[("Typed Name", ADDRESS)])
    invited = trainer.user
    assert invited != cast.stranger
    link = invitations.link_to(invited.invitations.get())
    visitor = as_(None).get(link).content.decode()
    assert "already has an account" in visitor
    assert "Stranger" not in visitor
    client = as_(cast.stranger)
    assert "Add it to my account" in client.get(link).content.decode()
    assert other_run.trainers.get().user == invited, "visiting changes nothing"
    assert client.post(link).status_code == 302
    assert other_run.trainers.get().user == cast.stranger
    assert other_run.enrolments.get().user == cast.stranger
    assert Staff.objects.filter(institute=cast.other_institute, user=cast.stranger, role="office").exists()
    assert not User.objects.filter(pk=invited.pk).exists()
    assert client.get(link).status_code == 302, "the link leads on, and changes nothing more"
    assert add_trainer(other_run, cast.other_coordinator, "Whatever").user == cast.stranger


def test_memberships_are_added_and_the_room_agrees(other_run, cast, space, as_):
    invited = User.objects.create_user("Typed Name", ADDRESS)
    Enrolment.objects.create(run=cast.run, user=invited)
    admit(space=space, user=invited, role="participant", by=cast.coordinator)
    invitation = invitations.invite(
        user=invited, address=ADDRESS, occasion="", next_path="/me/", by=cast.coordinator
    )
    as_(cast.stranger).post(invitations.link_to(invitation))
    assert Membership.objects.filter(space=space, user=cast.stranger, role="participant").exists()
    assert RoomMember.objects.filter(room=space.room, user=cast.stranger).exists()
    assert not find_differences()


def test_what_the_account_has_already_stays_as_it_is(cast, space, participant, as_):
    invited = User.objects.create_user("Typed Name", participant.email)
    Enrolment.objects.create(run=cast.run, user=invited)
    admit(space=space, user=invited, role="trainer", by=cast.coordinator)
    invitation = invitations.invite(
        user=invited, address=participant.email, occasion="", next_path="/me/", by=cast.coordinator
    )
    as_(participant).post(invitations.link_to(invitation))
    assert Membership.objects.get(space=space, user=participant).role == "trainer"
    assert Enrolment.objects.get(run=cast.run, user=participant).completed_at is not None
    assert not find_differences()


def test_a_completion_is_kept_where_the_account_was_only_enrolled(cast, awaiting, as_):
    invited = User.objects.create_user("Typed Name", awaiting.email)
    Enrolment.objects.create(
        run=cast.run, user=invited, completed_at=clock.now(), completed_on=cast.run.ends_on
    )
    belonging.move_to_account(invited=invited, account=awaiting)
    assert Enrolment.objects.get(run=cast.run, user=awaiting).completed_on == cast.run.ends_on


def test_nobody_else_adds_it_to_their_account(other_run, cast, participant, as_):
    trainer = add_trainer(other_run, cast.other_coordinator)
    link = invitations.link_to(trainer.user.invitations.get())
    as_(participant).post(link)
    as_(None).post(link)
    assert other_run.trainers.get().user == trainer.user


def test_an_unproved_account_is_not_taken_for_the_person(other_run, cast, client, settings):
    settings.SIGN_UP_OPEN = True
    sign_up = {"name": "Impostor", "email": "expert@school.test", "password1": "seven-blue-chairs"}
    client.post(reverse("account_signup"), sign_up)
    user = add_trainer(other_run, cast.other_coordinator, "Expert Headmistress", "expert@school.test").user
    assert user.name == "Expert Headmistress"
    assert not user.has_usable_password()
    client.post(reverse("account_login"), {"login": "expert@school.test", "password": "seven-blue-chairs"})
    assert client.get(reverse("profile")).status_code == 302


def test_a_lost_letter_is_sent_again_to_who_has_an_account(other_run, cast, client):
    add_trainer(other_run, cast.other_coordinator)
    Mail.objects.update(sent_at=clock.now())
    client.post(reverse("invitation_again"), {"email": ADDRESS})
    assert Mail.objects.filter(address=ADDRESS, kind="invitation").count() == 2


def test_every_row_of_an_invited_person_is_moved_or_deleted(cast, participant):
    """Also of models that are made later: whatever points to the row must not keep it."""
    invited = User.objects.create_user("Typed Name", participant.email)
    belonging.move_to_account(invited=invited, account=participant)
    assert not User.objects.filter(pk=invited.pk).exists()
    assert User.objects.filter(pk=participant.pk).exists()
