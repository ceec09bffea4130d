"""News becomes mail as its reader wants it: soon, once a day or never, and not what they have seen."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from common import clock
from community.people.models import User
from community.posts import actions as posts
from community.spaces.actions import dismiss, readmit
from followup.courses.roles import SpaceRole
from messaging.jobs.models import Failure
from messaging.notifications import bell, digests, mail_preferences
from messaging.notifications.models import Mail, Notification
from tests.cast import join, person
from tests.written import ask, reply_to

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Budapest")


@pytest.fixture
def noon() -> dt.datetime:
    """Noon of today, where the cast lives."""
    return dt.datetime.combine(clock.today(ZONE.key), dt.time(12), ZONE)


@pytest.fixture
def thread(cast, noon):
    """A question of the participant from the morning, of which the trainer knows already."""
    with clock.at(noon - dt.timedelta(hours=2)):
        thread = ask(cast.space, cast.participant)
    bell.mark_all_seen(user=cast.trainer)
    return thread


def mails_at(moment: dt.datetime) -> list[Mail]:
    """What a round of jobs at this moment writes."""
    before = set(Mail.objects.values_list("pk", flat=True))
    with clock.at(moment):
        digests.sweep_digests()
    return list(Mail.objects.exclude(pk__in=before).order_by("pk"))


def reply_at(moment: dt.datetime, thread, author, **more):
    with clock.at(moment):
        return reply_to(thread, author, **more)


def wants(user: User, thread, chosen: str) -> None:
    mail_preferences.set_frequency(user=user, scope=thread.space.scope, frequency=chosen)


def after(moment: dt.datetime, **by: float) -> dt.datetime:
    return moment + dt.timedelta(**by)


def test_mail_at_once_is_written_once_after_a_minute(thread, participant, trainer, noon):
    wants(participant, thread, "now")
    reply = reply_at(noon, thread, trainer)
    assert mails_at(after(noon, seconds=50)) == []
    [mail] = mails_at(after(noon, seconds=61))
    assert mail.user == participant
    assert mail.subject == "Tamara Trainer replied to your question “What if half are lost?”"
    assert f"/replies/{reply.pk}/" in mail.text
    assert f"/replies/{reply.pk}/" in mail.html
    assert mail.stop_scope == thread.space.scope
    assert mails_at(after(noon, seconds=120)) == []


def test_what_was_seen_within_the_minute_is_not_mailed(thread, participant, trainer, noon):
    wants(participant, thread, "now")
    reply_at(noon, thread, trainer)
    bell.mark_seen(user=participant, things=[("thread", thread.pk)])
    assert mails_at(after(noon, minutes=5)) == []
    assert mails_at(after(noon, hours=6)) == []


def test_several_replies_in_a_thread_are_one_mail(thread, participant, trainer, noon):
    wants(participant, thread, "now")
    for number in range(5):
        reply_at(after(noon, seconds=10 * number), thread, trainer, text=f"Reply {number}")
    [mail] = mails_at(after(noon, seconds=62))
    assert mail.subject == "5 new replies in “What if half are lost?”"
    assert Notification.objects.filter(user=participant, mailed_at=None).count() == 0


def test_the_daily_digest_is_written_at_five_in_the_readers_time_zone(thread, cast, noon):
    reply_at(noon, thread, cast.trainer)
    with clock.at(noon):
        other = ask(cast.space, cast.participant, title="And the second?")
    reply_at(after(noon, minutes=1), other, cast.trainer)
    bell.mark_all_seen(user=cast.trainer)
    assert mails_at(after(noon, hours=4, minutes=59)) == []
    [mail] = mails_at(after(noon, hours=5))
    assert mail.user == cast.participant
    assert "What if half are lost?" in mail.text
    assert "And the second?" in mail.text
    assert mail.subject == f"What is new: {cast.space.title}"
    reply_at(after(noon, hours=6), thread, cast.trainer)
    assert mails_at(after(noon, hours=7)) == [], "the rest of the evening waits for tomorrow"
    [tomorrow] = mails_at(after(noon, hours=29))
    assert tomorrow.text.count("replied to your question") == 1


def test_the_readers_time_zone_decides_when_it_is_five(thread, participant, trainer, noon):
    User.objects.filter(pk=participant.pk).update(time_zone="Europe/Lisbon")
    reply_at(noon, thread, trainer)
    assert mails_at(after(noon, hours=5, minutes=30)) == []
    assert len(mails_at(after(noon, hours=6, minutes=1))) == 1


def test_jobs_that_did_not_run_at_five_write_one_digest_later(thread, participant, trainer, noon):
    reply_at(noon, thread, trainer)
    assert len(mails_at(after(noon, hours=20))) == 1
    reply_at(after(noon, hours=20, minutes=5), thread, trainer)
    assert mails_at(after(noon, hours=20, minutes=10)) == []
    assert len(mails_at(after(noon, hours=29))) == 1


def test_a_daily_digest_is_never_empty(thread, participant, trainer, noon):
    reply = reply_at(noon, thread, trainer)
    posts.withdraw(post=reply, by=trainer)
    assert mails_at(after(noon, hours=5)) == []
    assert not Mail.objects.exists()


def test_who_wants_no_mail_gets_none(thread, participant, trainer, noon):
    wants(participant, thread, "never")
    reply_at(noon, thread, trainer)
    assert mails_at(after(noon, hours=5)) == []


def test_a_former_member_gets_no_mail_about_the_space(thread, participant, trainer, coordinator, noon):
    wants(participant, thread, "now")
    reply_at(noon, thread, trainer)
    dismiss(space=thread.space, user=participant, by=coordinator)
    assert mails_at(after(noon, minutes=5)) == []


@pytest.mark.parametrize(
    "change", [{"suspended_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, {"email": ""}, {"joined_at": None}]
)
def test_nobody_gets_mail_who_is_suspended_or_has_not_joined_or_has_no_address(
    change, thread, participant, trainer, noon
):
    wants(participant, thread, "now")
    reply_at(noon, thread, trainer)
    User.objects.filter(pk=participant.pk).update(**change)
    assert mails_at(after(noon, minutes=5)) == []


def test_a_notification_with_a_mail_of_its_own_is_in_no_digest(participant, space, noon):
    with clock.at(noon):
        bell.notify(
            user=participant,
            key="prompt:1",
            kind="prompt",
            thing=("space", space.pk),
            scope=space.scope,
            path="/",
            context={"title": "Try one thing"},
            mailed=True,
        )
    assert mails_at(after(noon, hours=5)) == []


def test_the_mail_is_in_the_readers_language(thread, participant, trainer, noon):
    User.objects.filter(pk=participant.pk).update(language="hu")
    reply_at(noon, thread, trainer)
    [mail] = mails_at(after(noon, hours=5))
    assert mail.language == "hu"
    assert '<html lang="hu"' in mail.html


def test_notifications_of_several_spaces_are_one_digest_under_their_titles(thread, cast, noon):
    from community.spaces.actions import open_space

    other = open_space(
        kind="follow-up",
        institute=cast.institute,
        title="Reading aloud",
        language="en",
        closes_at=None,
        time_zone="Europe/Budapest",
    )
    join(other, cast.participant)
    join(other, cast.trainer, role=SpaceRole.TRAINER)
    reply_at(noon, thread, cast.trainer)
    with clock.at(noon):
        second = ask(other, User.objects.get(pk=cast.participant.pk))
    reply_at(noon, second, User.objects.get(pk=cast.trainer.pk))
    bell.mark_all_seen(user=cast.trainer)
    [mail] = mails_at(after(noon, hours=5))
    assert mail.subject == "What is new in 2 places"
    assert cast.space.title in mail.text
    assert "Reading aloud" in mail.text
    assert mail.stop_scope == mail_preferences.EVERYWHERE


def test_what_waits_for_the_evening_is_considered_once_and_not_in_every_round(
    thread, cast, noon, django_assert_num_queries
):
    for number in range(5):
        reply_at(after(noon, seconds=number), thread, cast.trainer)
    assert mails_at(after(noon, hours=1)) == []
    with clock.at(after(noon, hours=1, seconds=5)), django_assert_num_queries(2):
        assert digests.sweep_digests() == 0
    assert len(mails_at(after(noon, hours=5))) == 1


@pytest.mark.parametrize("chosen", ["now", "daily"])
def test_what_its_reader_may_not_see_any_more_is_not_considered_in_every_round(
    thread, cast, noon, coordinator, chosen, django_assert_num_queries
):
    wants(cast.participant, thread, chosen)
    reply_at(noon, thread, cast.trainer)
    with clock.at(noon):
        dismiss(space=cast.space, user=cast.participant, by=coordinator)
    evening = after(noon, hours=5)
    assert mails_at(evening) == []
    with clock.at(after(evening, seconds=5)), django_assert_num_queries(2):
        assert digests.sweep_digests() == 0
    with clock.at(after(evening, seconds=10)):
        readmit(space=cast.space, user=cast.participant, by=coordinator)
    assert len(mails_at(after(evening, seconds=15))) == 1, "it comes with the return"


def test_who_wants_no_mail_is_not_considered_again(thread, cast, noon):
    wants(cast.participant, thread, "never")
    reply_at(noon, thread, cast.trainer)
    assert mails_at(after(noon, hours=5)) == []
    assert Notification.objects.get(user=cast.participant, kind="reply").mail_due_at is None


def test_choosing_mail_at_once_sends_what_waits_for_the_evening(thread, cast, noon):
    reply_at(noon, thread, cast.trainer)
    assert mails_at(after(noon, minutes=5)) == []
    with clock.at(after(noon, minutes=6)):
        wants(cast.participant, thread, "now")
    assert len(mails_at(after(noon, minutes=6))) == 1


def test_a_preference_changed_within_the_quiet_minute_makes_no_mail_too_early(thread, cast, noon):
    reply_at(noon, thread, cast.trainer)
    with clock.at(after(noon, seconds=5)):
        wants(cast.participant, thread, "now")
    assert mails_at(after(noon, seconds=10)) == []
    assert len(mails_at(after(noon, seconds=75))) == 1


def test_a_mail_that_cannot_be_written_holds_up_nobody_else(thread, participant, noon, monkeypatch):
    olga = person("Olga Other")
    join(thread.space, olga)
    with clock.at(after(noon, hours=-2)):
        other = ask(thread.space, olga)
    wants(participant, thread, "now")
    wants(other.author, thread, "now")
    trainer = User.objects.get(name="Tamara Trainer")
    reply_at(noon, thread, trainer)
    reply_at(noon, other, trainer)
    groups_of = digests._groups_of

    def fail_for_one(reader, *about):
        if reader == participant:
            raise ValueError("broken words")
        return groups_of(reader, *about)

    monkeypatch.setattr(digests, "_groups_of", fail_for_one)
    [mail] = mails_at(after(noon, minutes=5))
    assert mail.user == other.author
    failure = Failure.objects.get(kind="news")
    assert failure.row_id == participant.pk
    monkeypatch.undo()
    [mail] = mails_at(failure.next_attempt_at)
    assert mail.user == participant
    assert not Failure.objects.exists()


def test_a_digest_costs_three_statements_at_most(thread, cast, noon, django_assert_max_num_queries):
    def news_for(readers: list[User]) -> None:
        for reader in readers:
            join(thread.space, reader)
        with clock.at(noon):
            for number in range(3):
                bell.notify_many(
                    users=readers,
                    key=f"reply:{number}",
                    kind="reply",
                    thing=("thread", thread.pk),
                    scope=thread.space.scope,
                    path="/",
                    context={"title": thread.title, "space": thread.space.title},
                    by=cast.trainer,
                )

    readers = [person(f"Reader {number}") for number in range(20)]
    news_for(readers)
    with django_assert_max_num_queries(3 * len(readers)):
        mails = mails_at(after(noon, hours=5))
    assert [mail.user for mail in mails if mail.user in readers] == readers
    mailed = Notification.objects.filter(user__in=readers)
    assert {(row.mail.user_id == row.user_id, row.mailed_at is None) for row in mailed} == {(True, False)}
