"""Previews of batches: what they show, and that they change and lock nothing."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from community.people.models import User
from followup.completions import actions
from followup.completions.preview import preview
from followup.courses.models import Enrolment
from followup.months import dates
from followup.months.models import Month
from messaging.notifications.models import Mail
from tests.cast import ZONE
from tests.followup.completions.conftest import GOOD
from tests.followup.completions.shared import everything


def test_a_preview_changes_nothing_and_shows_the_mail_without_its_link(uploaded, new_run, known):
    batch = uploaded(GOOD + f"{known.email},Sara,,,\nnope,C,,,\n")
    before = everything()
    found = preview(batch)
    assert everything() == before
    assert (len(found.new), len(found.already), len(found.refused)) == (3, 0, 1)
    assert found.opens
    assert found.last_day == dates.add_months(clock.today(ZONE), 1)
    assert [(mail.invites, mail.count) for mail in found.mails] == [(True, 2), (False, 1)]
    assert "/invitation" not in found.mails[0].text
    assert new_run.course.title in found.mails[0].subject + found.mails[0].text


def test_a_previewed_mail_is_the_mail_that_is_sent(uploaded, new_run, coordinator, known):
    def bodies(mails) -> list[str]:
        return [re.sub(r"https?://\S+|\[their personal link\]", "LINK", mail.text) for mail in mails]

    batch = uploaded(GOOD + f"{known.email},Sara,,,\n")
    found = preview(batch)
    actions.apply(batch=batch, by=coordinator)
    sent = [
        Mail.objects.get(user__name="Anna Nagy"),
        Mail.objects.get(user=known, kind="month-opened"),
    ]
    assert [mail.subject for mail in found.mails] == [mail.subject for mail in sent]
    assert bodies(found.mails) == bodies(sent)
    late = uploaded("email,name\nlate@school.test,Late\n")
    assert preview(late).last_day == Month.objects.get(month_runs__run=new_run).space.last_day


def test_a_preview_locks_nothing_and_costs_the_same_for_many(uploaded, new_run, coordinator):
    def enrolled(count: int):
        people = [User.objects.create_user(f"Person {number}") for number in range(count)]
        Enrolment.objects.bulk_create(Enrolment(run=new_run, user=user) for user in people)
        return actions.select_by_hand(
            run=new_run, by=coordinator, enrolments=new_run.enrolments.all(), completed_on=new_run.ends_on
        )

    def statements(batch) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            preview(batch)
        return [query["sql"] for query in captured]

    few = statements(enrolled(2))
    many = statements(enrolled(40))
    assert len(many) == len(few)
    writing = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT")
    assert not [sql for sql in many if sql.startswith(writing) or "FOR UPDATE" in sql]


def test_a_preview_says_how_a_late_joiner_moves_the_end(uploaded, cast):
    found = preview(uploaded(run=cast.run))
    assert not found.opens
    assert found.last_day_now == cast.space.last_day
    assert found.last_day == dates.add_months(clock.today(ZONE), 1)
    cast.space.refresh_from_db()
    assert cast.space.last_day == found.last_day_now


@pytest.mark.parametrize(
    ("name", "preferred", "greeted"),
    [
        ("Иванова Анна Петровна", "", "Hello Иванова Анна Петровна,"),
        ("Иванова Анна Петровна", "Анна Петровна", "Hello Анна Петровна,"),
        ("mgr Anna Nowak", "", "Hello mgr Anna Nowak,"),
        ("Nagy Anna PhD", "Anna", "Hello Anna,"),
    ],
)
def test_a_mail_greets_by_the_whole_name_or_as_the_person_asked(uploaded, known, name, preferred, greeted):
    User.objects.filter(pk=known.pk).update(name=name, preferred_name=preferred)
    [mail] = preview(uploaded(f"email,name\n{known.email},Sara\n")).mails
    assert mail.text.startswith(greeted)
