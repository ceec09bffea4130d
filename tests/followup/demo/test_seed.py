"""The seeded demo: every fixture is there, at its time, and seeding is idempotent."""

import datetime as dt
from io import StringIO
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from django.utils.translation import override

from common import clock
from community.institutes.models import Institute, Staff
from community.people.models import User
from community.practices.models import Practice
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread, ThreadVisit
from community.unread.queries import new_in
from followup.courses.models import Course, Enrolment, Module, Run
from followup.courses.roles import SpaceRole
from followup.demo import actions, fixtures, seed
from followup.demo.blurbs import BLURBS
from followup.live_hours.models import LiveHour
from followup.materials.models import Material
from followup.months.models import Month, Occasion
from followup.steps.models import StepTold
from messaging.chat.models import Entry, Reaction, RoomMember
from messaging.files.models import File
from messaging.notifications.models import BellEntry, Mail, Notification

RUNS = [run for programme in fixtures.programmes() for run in programme.runs]
NOW = dt.datetime(2026, 11, 21, 0, 5, tzinfo=dt.UTC)
"""Early in the day (test_when_and_where.py seeds it late)."""
KEPT = (Institute, User, Course, Run, Enrolment, Membership, Thread, Reply, Practice, Mail, File, ThreadVisit)


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, seeded once for all tests of this file; each of them is rolled back to it."""
    uploads = tmp_path_factory.mktemp("uploads")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=uploads), transaction.atomic():
        with clock.at(NOW), override("en"):
            assert actions.seed_if_due()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(seeded, db):
    """The demo, seeded last night."""
    with clock.at(NOW):
        yield


def named(name: str) -> User:
    return User.objects.get(name=name)


def counts() -> list[int]:
    return [model.objects.count() for model in KEPT]


def test_every_fixture_is_seeded(demo):
    programmes = fixtures.programmes()
    assert Institute.objects.count() == len(programmes)
    assert User.objects.count() == sum(len(programme.people) for programme in programmes)
    assert Module.objects.count() == sum(
        len(course.modules) for programme in programmes for course in programme.courses
    )
    assert Run.objects.count() == len(RUNS)
    assert set(Thread.objects.values_list("title", flat=True)) == {
        thread.title for run in RUNS for thread in run.threads
    }
    kept = [message for run in RUNS for message in run.room if message.answers]
    assert Reply.objects.count() == len(kept) + sum(
        len(thread.replies) for run in RUNS for thread in run.threads
    )
    messages = Entry.objects.filter(kind=Entry.Kind.MESSAGE)
    assert messages.count() == sum(len(run.room) for run in RUNS)
    assert messages.exclude(kept_path="").count() == len(kept)
    assert messages.exclude(re=None).count() == sum(bool(one.re) for run in RUNS for one in run.room)
    assert Reaction.objects.count() == sum(len(one.marks) for run in RUNS for one in run.room)
    assert Practice.objects.filter(builds_on=None).count() == sum(len(run.practices) for run in RUNS)
    assert Practice.objects.exclude(builds_on=None).count() == sum(
        len(practice.tryouts) for run in RUNS for practice in run.practices
    )
    assert StepTold.objects.count() == sum(len(run.reported_steps) for run in RUNS)
    assert Material.objects.count() == sum(len(run.materials) for run in RUNS)
    posts = [post for run in RUNS for post in (*run.threads, *run.practices, *run.room)]
    below = [
        one for run in RUNS for post in run.threads + run.practices for one in getattr(post, "replies", [])
    ]
    below += [one for run in RUNS for post in run.practices for one in (*post.tryouts, *post.comments)]
    shown = [each for post in (*posts, *below) for each in post.files]
    handed_out = sum(bool(each.file) for run in RUNS for each in run.materials)
    assert File.objects.count() == handed_out + len(shown)
    assert set(File.objects.exclude(alt="").values_list("alt", flat=True)) == {
        each.alt for each in shown if each.alt
    }


def test_memberships_are_those_of_the_fixtures(demo):
    for programme in fixtures.programmes():
        for run in programme.runs:
            row = Run.objects.get(label=run.name)
            if run.ends_in_days is not None:
                assert not Month.objects.filter(month_runs__run=row).exists()
                assert row.enrolments.filter(completed_at=None).count() == len(run.enrolled)
                continue
            space = Space.objects.get(month__month_runs__run=row)
            inside = Membership.objects.current().filter(space=space)
            here = {one.user.email: one for one in inside.select_related("user")}
            for key in run.participants:
                assert here[programme.address(key)].role == SpaceRole.PARTICIPANT
            for key in run.trainers:
                assert here[programme.address(key)].role == SpaceRole.TRAINER
            assert {one.user.email for one in inside.exclude(awaiting_until=None)} == {
                programme.address(key) for key in run.awaiting
            }


def test_the_months_are_as_old_as_they_should_be(demo):
    today = clock.today("Europe/Budapest")
    assert 11 <= (today - named_month("Szeged, második csoport").opened_on).days <= 13
    assert 40 <= (today - named_month("Команда школы на Охте").opened_on).days <= 42
    ending = named_month("Radom, grupa 7").space
    assert ending.is_open
    assert 3 <= (ending.last_day - today).days <= 5
    assert 3 <= (named_month("Tandems, third round").space.last_day - today).days <= 5
    assert not named_month("Aukštaitijos mokyklos").space.is_open
    assert 1 <= (Run.objects.get(label="Пятая группа").ends_on - today).days <= 3


def named_month(label: str) -> Month:
    return Month.objects.select_related("space__institute").get(month_runs__run__label=label)


def test_questions_wait_and_questions_are_answered(demo):
    space = named_month("Szeged, második csoport").space
    assert space.threads.unanswered().count() == 3
    answered = space.threads.exclude(answer=None)
    assert answered.count() == 3
    assert {thread.answer.author.name for thread in answered} == {"Vámos Éva", "Kertész Tamás"}
    assert Reply.objects.filter(thread__space=space, tried=True).exists()
    assert space.threads.filter(audience=Thread.Audience.ANSWERERS).count() == 1


def test_something_is_new_to_a_participant_and_much_is_read(demo):
    space = named_month("Szeged, második csoport").space
    new = new_in(named("Nagy-Bodó Nóra"), [space.pk])[space.pk].threads
    assert 0 < new < space.threads.count() / 2
    absent = named("Роман Вадимович Гусаков")
    assert not Membership.objects.get(user=absent).came_in_at
    assert not ThreadVisit.objects.filter(user=absent).exists()


def test_nobody_has_read_a_question_to_the_trainer_but_the_trainers(demo):
    asked = Thread.objects.filter(audience=Thread.Audience.ANSWERERS)
    assert asked.count() == 4
    for thread in asked:
        readers = Membership.objects.filter(space=thread.space, user__in=thread.visits.values("user"))
        assert {one.role for one in readers} <= {SpaceRole.TRAINER}


def test_nothing_is_written_in_the_future_or_before_what_it_builds_on(demo):
    for rows in (Thread.objects, Reply.objects, Practice.objects, Mail.objects):
        assert not rows.filter(created_at__gt=NOW).exists()
    for try_out in Practice.objects.exclude(builds_on=None).select_related("builds_on"):
        assert try_out.created_at > try_out.builds_on.created_at


def test_past_occasions_were_done_on_their_days(demo):
    assert not Occasion.objects.filter(due_at__lte=NOW, done_at=None).exists()
    mails = Mail.objects.filter(kind="month-closed")
    assert mails.exists()
    assert mails.order_by("-created_at")[0].created_at < NOW - dt.timedelta(days=7)


def test_seeding_is_idempotent_within_a_day(demo):
    before = counts()
    assert not actions.seed_if_due()
    assert counts() == before


@pytest.mark.sqlite_alone
def test_it_is_seeded_again_on_another_day(demo):
    before = counts()
    with clock.at(NOW + dt.timedelta(days=1)):
        assert actions.seed_if_due()
        month = named_month("Szeged, második csoport")
        assert 11 <= (clock.today("Europe/Budapest") - month.opened_on).days <= 13
    assert counts() == before


def test_it_stays_on_another_day_when_somebody_wrote_in_it(demo):
    thread = Thread.objects.get(title="Társértékelés sértődés nélkül")
    with clock.at(NOW + dt.timedelta(minutes=1)):
        Reply.objects.create(
            thread=thread,
            number=thread.last_number + 1,
            author=thread.author,
            text="És most?",
            html="",
            language="hu",
        )
    with clock.at(NOW + dt.timedelta(days=1)):
        assert not actions.seed_if_due()
    assert Reply.objects.filter(text="És most?").exists()


def test_a_reset_seeds_it_again_whatever_was_written(demo, monkeypatch):
    whole, programmes = seed.seed, fixtures.programmes()

    def lay_one():
        with monkeypatch.context() as only:
            only.setattr(fixtures, "programmes", lambda: programmes[:1])
            whole()

    monkeypatch.setattr(seed, "seed", lay_one)
    Thread.objects.update(title="Written over")
    old_files = list(File.objects.values_list("blob", flat=True))
    out = StringIO()
    call_command("demo", "--reset", stdout=out)
    assert out.getvalue() == "The demo is seeded.\n"
    assert not Thread.objects.filter(title="Written over").exists()
    storage = File._meta.get_field("blob").storage
    assert not any(storage.exists(name) for name in old_files)
    assert File.objects.exists()
    assert all(file.blob.storage.exists(file.blob.name) for file in File.objects.all())


def test_every_programme_has_its_coordinator(demo):
    assert Staff.objects.filter(role=Staff.Role.COORDINATOR).count() == 6
    assert Staff.objects.filter(role=Staff.Role.EVALUATOR).count() == 2


def test_an_hour_is_announced_for_the_next_school_day_and_the_past_one_was_reminded_of(demo):
    space = named_month("Szeged, második csoport").space
    past_hour, ahead = LiveHour.objects.filter(month__space=space).order_by("starts_at")
    local = ahead.starts_at.astimezone(ZoneInfo(space.institute.time_zone))
    assert (local.date(), local.hour) == (dt.date(2026, 11, 23), 16)
    assert ahead.reminded_at is None
    assert past_hour.reminded_at < past_hour.begun_at < NOW
    assert "kati" in {mail.address.split("@")[0] for mail in Mail.objects.filter(kind="live-soon")}


def test_what_is_long_past_is_no_news_and_what_is_fresh_in_the_room_is(demo):
    nora = named("Nagy-Bodó Nóra")
    assert (
        not Notification.objects.unseen()
        .filter(user=nora, created_at__lt=NOW - dt.timedelta(hours=50))
        .exists()
    )
    assert RoomMember.objects.filter(read_number__gt=0).exists()


def test_the_news_of_everybody_are_numbered_in_the_order_of_time(demo):
    entries = BellEntry.objects.filter(kind=BellEntry.Kind.NEW).order_by("bell", "number")
    for _, of_one in groupby(entries.select_related("notification"), key=lambda entry: entry.bell_id):
        moments = [entry.notification.created_at for entry in of_one]
        assert moments == sorted(moments)


def test_who_may_be_picked_has_news_they_have_seen_and_news_they_have_not(demo):
    for programme in fixtures.programmes():
        for person in programme.pickable:
            news = Notification.objects.active().filter(user__email=programme.address(person.key))
            if person.role == "participant":
                assert news.filter(seen_at=None).exists(), person.key
                assert news.exclude(seen_at=None).exists(), person.key
            assert not news.filter(seen_at__lt=F("created_at")).exists()
            assert not news.filter(created_at__gt=NOW).exists()


def waiting(today) -> int:
    return len(today.training.questions)


def waits_for_trainers_alone(today) -> bool:
    return any(question.audience == Thread.Audience.ANSWERERS for question in today.training.questions)


def steps_taken(today) -> set[str]:
    return {step for week in today.weeks for step in week.steps.taken}


def open_and_closed(today) -> tuple[int, int]:
    return len(today.open), len(today.closed)


def ends_within_a_week(today) -> bool:
    return len(today.coordinating.closing) == 1


def about_to_finish() -> bool:
    return Run.objects.filter(completed_at=None, ends_on__gte=clock.today("Europe/Moscow")).count() == 1


TRUE_OF = {
    "Already in the space, though the completion isn’t confirmed yet.": lambda today: (
        len(today.open) == 1 and all(each.membership.awaiting_until for each in today.open.values())
    ),
    "Looks at the quality of courses: can read almost everything, writes nothing.": lambda today: (
        not today.spaces and today.user.staff_roles.get().role == Staff.Role.EVALUATOR
    ),
    "Has tried something in class and written it up. A live hour is coming.": lambda today: (
        steps_taken(today) == {"tried", "shared"} and len(today.hours) == 1
    ),
    "Four questions are waiting, plus one for her alone: will she stay another week?": lambda today: (
        waiting(today) == 4 and len(today.training.extensions) == 1
    ),
    "Two people still have to be confirmed, and one follow-up ends within a week.": lambda today: (
        ends_within_a_week(today)
        and Membership.objects.current()
        .filter(space__institute__staff__user=today.user)
        .exclude(awaiting_until=None)
        .count()
        == 2
    ),
    "In the middle of one follow-up, with an older one to look back at.": lambda today: (
        open_and_closed(today) == (1, 1)
    ),
    "Three questions are waiting; one of them only trainers can read.": lambda today: (
        waiting(today) == 3 and waits_for_trainers_alone(today)
    ),
    "Looks after two course groups: one follow-up is open, one has closed.": lambda today: (
        open_and_closed(today) == (1, 1)
    ),
    "A librarian whose tablets travel from school to school. A few days are left.": lambda today: (
        len(today.closing) == 1
    ),
    "In the last days of a follow-up, with one question still waiting.": lambda today: (
        len(today.closing) == 1 and waiting(today) == 1
    ),
    "One course group, and its follow-up ends within a week.": lambda today: (
        len(today.spaces) == 1 and ends_within_a_week(today)
    ),
    "Works on one question with a team from school, in the second week.": lambda today: all(
        7 <= (clock.today("Europe/Vilnius") - each.month.opened_on).days < 14 for each in today.open.values()
    ),
    "One question is waiting, and someone hasn’t joined yet.": lambda today: (
        waiting(today) == 1 and len(today.training.not_yet) == 1
    ),
    "Looks after two courses: one follow-up is open, one has closed.": lambda today: (
        open_and_closed(today) == (1, 1)
    ),
    "Mentors two young colleagues and has written up what came of it.": lambda today: (
        steps_taken(today) == {"tried", "shared"}
    ),
    "Two questions are waiting, and another group is about to finish its course.": lambda today: (
        waiting(today) == 2 and about_to_finish()
    ),
    "A group is about to finish: record who completed, and its follow-up opens.": lambda today: (
        len(today.coordinating.opening) == 1 and about_to_finish()
    ),
    "In the second month of six, with a team from one school.": lambda today: all(
        31 < (clock.today("Europe/Moscow") - each.month.opened_on).days < 59 for each in today.open.values()
    ),
    "Looks after a school’s team for six months.": lambda today: (
        [each.month.course.follow_up_months for each in today.open.values()] == [6]
    ),
}
"""What the demo must show to those whose blurb is this."""


@pytest.mark.parametrize(
    ("slug", "key"), [(slug, key) for slug, blurbs in BLURBS.items() for key in blurbs], ids=lambda part: part
)
def test_what_a_blurb_says_is_what_today_shows(demo, as_, slug, key):
    (programme,) = (one for one in fixtures.programmes() if one.institute.slug == slug)
    today = as_(User.objects.get(email=programme.address(key))).get("/").context["today"]
    with override("en"):
        assert TRUE_OF[str(BLURBS[slug][key])](today)
