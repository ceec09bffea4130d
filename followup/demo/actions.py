"""Laying the demo when it is due, and taking it away."""

import datetime as dt

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q

from common import clock
from common.access import Refused
from community.institutes.models import Institute
from community.people.models import User
from community.practices.models import Practice
from community.threads.models import Reply, Thread
from followup.courses.models import CompletionBatch, Course, Enrolment, Run
from followup.demo import fixtures, seed
from followup.live_hours.models import LiveHour
from followup.months.models import Extension
from followup.steps.models import StepTold
from messaging.chat.models import Entry
from messaging.files.models import File

DAY_IN = "UTC"
"""The zone in which the demo's day turns."""


def seed_if_due() -> bool:
    """Lay the demo if it is not there, or anew if it is of an earlier day and nobody wrote in it since.

    Returns whether it was laid.
    """
    require_demo()
    since = seeded_at()
    if since is not None:
        if since.date() == clock.today(DAY_IN) or has_visitor_content(since):
            return False
        clear()
    seed.seed()
    return True


def reset() -> None:
    """Take the demo away with all that visitors did in it, and lay it as on the first day."""
    require_demo()
    clear()
    seed.seed()


def seeded_at() -> dt.datetime | None:
    """When the demo was laid, if it is there: the moment its people were made."""
    laid = User.objects.filter(email__endswith=f".{fixtures.DOMAIN}").order_by("created_at")
    return laid.values_list("created_at", flat=True).first()


def has_visitor_content(since: dt.datetime) -> bool:
    """Whether a visitor left something in the demo since then that would be a pity to lose."""
    newer = Q(created_at__gt=since) | Q(edited_at__gt=since) | Q(withdrawn_at__gt=since)
    written = (
        Thread.objects.filter(newer | Q(answered_at__gt=since) | Q(pinned_at__gt=since)),
        Reply.objects.filter(newer),
        Practice.objects.filter(newer),
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
    """Empty the database of the demo. Refused where there is an institute that is not the demo's."""
    slugs = [programme.institute.slug for programme in fixtures.programmes()]
    if foreign := Institute.objects.exclude(slug__in=slugs).first():
        raise Refused(f"{foreign.name} is not of the demo; this database is not emptied.")
    blobs = [(file.blob.storage, str(file.blob.name)) for file in File.objects.all()]
    with transaction.atomic():
        # PostgreSQL does not empty a table while checks of its rows are put off.
        connection.check_constraints()
        call_command("flush", interactive=False, verbosity=0)
    for storage, name in blobs:
        storage.delete(name)


def require_demo() -> None:
    """Refuse outside the demo and the tests: laying empties the database."""
    if settings.MODE not in ("demo", "test"):
        raise Refused("The demo is laid in demo mode only.")
