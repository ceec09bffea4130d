"""Who hears of reports and decisions, by bell and mail; and who may see a file that was hidden."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse

from common import visibility
from community.people.models import User
from community.posts import kinds
from community.posts.models import Post
from community.reports.models import WHOLE, Report
from community.reports.permissions import can_decide
from community.reports.things import Thing
from community.rooms.news import KIND as MENTION
from community.spaces.kinds import Right, kind_of
from community.spaces.models import Membership, Space
from messaging.files.models import HIDDEN, File
from messaging.notifications import bell, outbox

THING = "report"


def register() -> None:
    """Register who may be notified of which report, and see which hidden file."""
    visibility.register_visibility(THING, visible)
    visibility.register_visibility(HIDDEN, visible_files)


def visible(user: User, ids: Iterable[int]) -> set[int]:
    """Those of these reports that the user may see."""
    return set(Report.objects.visible_to(user).filter(pk__in=list(ids)).values_list("pk", flat=True))


def visible_files(user: User, ids: Iterable[int]) -> set[int]:
    """Those of these files that were reported, by themselves or with what they belong to, and that the user
    wrote or decides on."""
    if not user.is_authenticated:
        return set()
    found = set()
    for file in File.objects.filter(pk__in=list(ids), thing_id__isnull=False):
        about = Report.objects.filter(
            thing_kind=file.kind, thing_id=file.thing_id or 0, file_pk__in=[WHOLE, file.pk]
        )
        if about.filter(author=user, hides=True).exists() or about.decidable_by(user).exists():
            found.add(file.pk)
    return found


def report_path(report: Report) -> str:
    """The URL of a report."""
    return reverse("report_detail", args=[report.pk])


def lock_bells(thing: Thing, reports: Iterable[Report]) -> None:
    """Lock the bells of all whom these reports and a change of what they are on concern. Called with that
    locked, before anything is hidden or shown: bells are locked at once."""
    people = [user.pk for user in deciders_of(thing)]
    people += [pk for report in reports for pk in (report.by_id, report.author_id) if pk is not None]
    head = kinds.kind_of(thing.row).head(thing.row) if isinstance(thing.row, Post) else thing
    about = [(head.KIND if isinstance(head, Post) else MENTION, head.pk)]
    bell.lock_bells(users=people, keys=[_key(report) for report in reports if report.pk], things=about)


def notify_reported(report: Report, thing: Thing) -> None:
    """Notify those who decide, at once by mail as well unless it can wait; and the author of what was
    hidden."""
    deciders = [user for user in deciders_of(thing) if user != report.by]
    can_wait = report.reason == Report.Reason.OTHER
    bell.notify_many(
        users=deciders,
        is_new=True,
        key=_key(report),
        kind="report",
        mailed=not can_wait,
        **_about(report),
    )
    if not can_wait:
        outbox.post_all(_letter(report, user) for user in deciders if user.email)
    if report.hides and report.author is not None:
        bell.notify(
            user=report.author, key=f"report-hidden:{report.pk}", kind="report-hidden", **_about(report)
        )


def notify_decided(reports: list[Report], thing: Thing) -> None:
    """Notify those who reported and, where it was hidden or is now, the author. The others who could decide
    have nothing to do any more."""
    for report in reports:
        bell.withdraw(key=_key(report))
        outbox.withdraw(f"{_key(report)}:")
        if report.by is not None:
            bell.notify(
                user=report.by,
                key=f"report-settled:{report.pk}",
                kind="report-settled",
                by=report.decided_by,
                **_about(report),
            )
    told = next((report for report in reports if report.hides), reports[0])
    if told.author is not None and (told.hides or told.decision == Report.Decision.HIDDEN):
        bell.withdraw(key=f"report-hidden:{told.pk}")
        bell.notify(user=told.author, key=f"report-decided:{told.pk}", kind="report-decided", **_about(told))


def deciders_of(thing: Thing) -> list[User]:
    """Everybody who keeps order over it beside its author; the moderators where there is nobody."""
    members = Membership.objects.current().with_right(Right.KEEP_ORDER).filter(space=thing.space)
    people = [member.user for member in members.select_related("user").order_by("user")]
    people += [overseer.user for overseer in kind_of(thing.space).overseers.people(thing.space)]
    by_pk = {user.pk: user for user in people if user.is_active and can_decide(user, thing)}
    if not by_pk:
        moderators = User.objects.filter(is_moderator=True, suspended_at=None).order_by("pk")
        by_pk = {user.pk: user for user in moderators if can_decide(user, thing)}
    return list(by_pk.values())


def _key(report: Report) -> str:
    return f"report:{report.pk}"


def _about(report: Report) -> dict[str, Any]:
    context = {"space": report.space.title, "reason": report.reason, "decision": report.decision}
    return {
        "thing": (THING, report.pk),
        "scope": report.space.scope,
        "path": report_path(report),
        "context": context,
    }


def _letter(report: Report, user: User) -> outbox.Letter:
    space: Space = report.space
    return outbox.Letter(
        key=f"{_key(report)}:{user.pk}:",
        kind="report",
        user=user,
        address=user.email,
        language=user.language,
        zone=user.time_zone,
        context={
            "title": space.title,
            "reason": report.reason,
            "hides": report.hides,
            "link": settings.SITE_URL + report_path(report),
        },
        personal={"name": user.get_short_name()},
        thing=(THING, report.pk),
    )
