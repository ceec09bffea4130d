"""Reporting something, and deciding on it.

What is reported is locked before reports on it are, so that a report and a decision at once cannot deadlock.
"""

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from common import clock
from common.access import require
from community.reports import news
from community.reports.models import WHOLE, Report
from community.reports.permissions import can_decide
from community.reports.things import Thing, reported

if TYPE_CHECKING:
    from community.people.models import User

MAX_REPORTS_PER_HOUR = 10
"""Of one person."""
TRUSTED_FOR = dt.timedelta(days=30)
MAX_IN_VAIN = 3
"""So many reports of one person after which what they had reported was shown again, within TRUSTED_FOR: then
theirs still reach those who decide, but hide nothing before."""


@transaction.atomic
def report(
    *,
    thing: Thing,
    by: "User",
    reason: str,
    text: str,
    client_id: uuid.UUID,
    file_pk: int = WHOLE,
) -> Report:
    """Report something that `by` sees, or a file of it. Idempotent: the same `client_id`, and an open
    report for the same reason, return the first.

    "A pupil can be recognised" hides it at once, unless this person's reports on it, or several of theirs on
    other things, were decided otherwise. Raises Refused for one's own and for too many within an hour, and
    ValueError for an unknown reason.
    """
    reason = Report.Reason(reason)
    mine = Report.objects.filter(by=by)
    same = mine.open().filter(thing_kind=thing.kind, thing_id=thing.pk, file_pk=file_pk, reason=reason)
    if (first := mine.filter(client_id=client_id).first() or same.first()) is not None:
        return first
    require(thing.author != by, why_not_own())
    recent = mine.filter(at__gt=clock.now() - dt.timedelta(hours=1))
    require(
        recent.count() < MAX_REPORTS_PER_HOUR,
        gettext("You’ve sent many reports within an hour. Please tell your institute directly."),
    )
    new = Report(
        space=thing.space,
        thing_kind=thing.kind,
        thing_id=thing.pk,
        file_pk=file_pk,
        private=thing.private,
        author=thing.author,
        reason=reason,
        text=text,
        by=by,
        client_id=client_id,
    )
    thing.lock()
    news.lock_bells(thing, [new])
    if reason == Report.Reason.PUPIL and _is_trusted(new):
        new.hides = True
        thing.hide(file_pk)
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError:
        # The same form was sent twice concurrently, and the other request was first.
        found = mine.filter(client_id=client_id).first() or same.first()
        if found is None:
            raise
        return found
    news.notify_reported(new, thing)
    return new


@transaction.atomic
def decide(*, report: Report, by: "User", decision: str, sentence: str) -> list[Report]:
    """Decide on all open reports on the same thing: it is shown again, or stays hidden. Idempotent. Returns
    those that were decided now.

    Raises Refused when `by` may not decide, and ValueError for an unknown decision.
    """
    decision = Report.Decision(decision)
    thing = reported(report.thing_kind, report.thing_id)
    require(thing is not None, gettext("This no longer exists, so there’s nothing to decide."))
    assert thing is not None
    require(can_decide(by, thing), why_not_decide())
    thing.lock()
    rows = Report.objects.open().of_same_thing(report).select_for_update(of=("self",)).order_by("pk")
    decided = list(rows.select_related("space", "by", "author"))
    if not decided:
        return []
    news.lock_bells(thing, decided)
    if decision == Report.Decision.SHOWN:
        thing.show_again(report.file_pk)
    else:
        thing.take_down(by, report.file_pk)
    for one in decided:
        one.decided_at, one.decided_by = clock.now(), by
        one.decision, one.sentence = decision, sentence
        one.save(update_fields=["decided_at", "decided_by", "decision", "sentence"])
    news.notify_decided(decided, thing)
    return decided


def why_not_own() -> str:
    """The sentence for who would report what they wrote."""
    return gettext("You wrote this, so you can change or delete it yourself.")


def why_not_decide() -> str:
    """The sentence for who may not decide."""
    return gettext("Only people who keep order here can decide on a report, and never the author.")


def _is_trusted(new: Report) -> bool:
    in_vain = Report.objects.filter(by=new.by, hides=True, decision=Report.Decision.SHOWN)
    if in_vain.of_same_thing(new).exists():
        return False
    return in_vain.filter(decided_at__gt=clock.now() - TRUSTED_FOR).count() < MAX_IN_VAIN
