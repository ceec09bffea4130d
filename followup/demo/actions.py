"""Seeding and clearing the demo."""

import datetime as dt

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q

from common import clock
from common.access import Refused
from community.institutes.models import Institute
from community.people.models import User
from community.practices.comment_models import Comment
from community.practices.models import Practice
from community.threads.models import Reply, Thread
from followup.courses.models import CompletionBatch, Course, Enrolment, Run
from followup.demo import fixtures, seed
from followup.live_hours.models import LiveHour
from followup.months.models import Extension
from followup.steps.models import StepTold
from messaging.chat.models import Entry
from messaging.files.models import File

DEMO_TIME_ZONE = "UTC"
"""The time zone in which the demo's day begins."""


def seed_if_due() -> bool:
    """Seed the demo if it is empty, or again on a later day unless visitors have written in it.

    Raises Refused outside the demo. Returns whether it was seeded.
    """
    require_demo()
    since = seeded_at()
    if since is not None:
        if since.date() == clock.today(DEMO_TIME_ZONE) or has_visitor_content(since):
            return False
        clear()
    seed.seed()
    return True


def reset() -> None:
    """Clear the demo with everything visitors wrote, and seed it again. Raises Refused outside the demo."""
    require_demo()
    clear()
    seed.seed()


def seeded_at() -> dt.datetime | None:
    """When the demo was seeded, which is when its people were created; None if it was not."""
    people = User.objects.filter(email__endswith=f".{fixtures.DOMAIN}").order_by("created_at")
    return people.values_list("created_at", flat=True).first()


def has_visitor_content(since: dt.datetime) -> bool:
    """Whether visitors have written anything since then."""
    newer = Q(created_at__gt=since) | Q(edited_at__gt=since) | Q(withdrawn_at__gt=since)
    written = (
        Thread.objects.filter(newer | Q(answered_at__gt=since) | Q(pinned_at__gt=since)),
        Reply.objects.filter(newer),
        Practice.objects.filter(newer),
        Comment.objects.filter(newer | Q(answered_at__gt=since)),
        StepTold.objects.filter(told_at__gt=since),
        Entry.objects.filter(at__gt=since),
        LiveHour.objects.filter(Q(announced_at__gt=since) | Q(cancelled_at__gt=since)),
        Extension.objects.filter(Q(extended_at__gt=since) | Q(answered_at__gt=since)),
        Enrolment.objects.filter(Q(enrolled_at__gt=since) | Q(completed_at__gt=since)),
        CompletionBatch.objects.filter(made_at__gt=since),
        File.objects.filter(uploaded_at__gt=since),
        Course.objects.filter(created_at__gt=since),
        Run.objects.filter(completed_at__gt=since),
        User.objects.exclude(email__endswith=f".{fixtures.DOMAIN}"),
    )
    return any(rows.exists() for rows in written)


def clear() -> None:
    """Empty the database. Raises Refused if it has an institute that is not the demo's."""
    slugs = [programme.institute.slug for programme in fixtures.programmes()]
    if foreign := Institute.objects.exclude(slug__in=slugs).first():
        raise Refused(f"{foreign.name} is not of the demo; this database is not emptied.")
    files = list(File.objects.all())
    with transaction.atomic():
        # PostgreSQL does not truncate a table while deferred constraint checks are pending.
        connection.check_constraints()
        call_command("flush", interactive=False, verbosity=0)
    for file in files:
        file.delete_bytes()


def require_demo() -> None:
    """Raise Refused outside the demo and the tests, because seeding empties the database."""
    if settings.MODE not in ("demo", "test"):
        raise Refused("The demo is seeded in demo mode only.")
