"""What applying a batch would do, found out by doing it to one or two of its people and rolling that back.

So the page shows the very mail and the very last day that will come of it, and still nothing has happened.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext

from common import clock
from community.people import invitations
from community.people.models import Invitation, User
from followup.completions import actions
from followup.completions.parser import Row
from followup.completions.reasons import reason_in_words, shown_cells
from followup.courses.models import CompletionBatch, Enrolment
from followup.months.models import Month
from messaging.notifications.models import Mail

CHUNK = 500


@dataclass(frozen=True)
class Letter:
    """A mail as it will be, and how many get one like it."""

    subject: str
    text: str
    language: str
    count: int
    invites: bool


@dataclass
class Preview:
    """What a batch would do."""

    new: list[Row] = field(default_factory=list)
    already: list[Row] = field(default_factory=list)
    refused: list[tuple[Row, str]] = field(default_factory=list)
    opens: bool = False
    still_runs: bool = False
    last_day: dt.date | None = None
    last_day_now: dt.date | None = None
    letters: list[Letter] = field(default_factory=list)

    @property
    def moves_the_end(self) -> bool:
        return self.last_day_now is not None and self.last_day != self.last_day_now


def preview(batch: CompletionBatch) -> Preview:
    """Look ahead. Changes nothing."""
    listing, found = actions.listing_of(batch), Preview()
    for row in listing.refused:
        shown = replace(row, cells=shown_cells(listing.header, row.cells))
        found.refused.append((shown, reason_in_words(row.reason, row.about)))
    known = people_by_address(row.address for row in listing.good if row.user_id is None)
    completed = set(
        Enrolment.objects.filter(run=batch.run, completed_at__isnull=False).values_list("user", flat=True)
    )
    seen: set[int | str] = set()
    invited: list[Row] = []
    told: list[Row] = []
    for row in listing.good:
        user_id, joined = (row.user_id, None) if row.user_id else known.get(row.address, (None, False))
        who = user_id or row.address
        if who in seen or user_id in completed:
            found.already.append(row)
            continue
        seen.add(who)
        found.new.append(row)
        if joined is None and user_id is not None:
            joined = User.objects.filter(pk=user_id, joined_at__isnull=False).exists()
        (told if joined else invited).append(row)
    _look_at_month(batch, found)
    if found.new:
        _rehearse(batch, found, invited, told)
    return found


def people_by_address(addresses: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """Whom these addresses mean, as `find_or_make` would find them, and whether they have joined."""
    people: dict[str, tuple[int, bool]] = {}
    rest = iter(addresses)
    while chunk := list(islice(rest, CHUNK)):
        expected = User.objects.filter(joined_at=None).annotate(address=Lower("email"))
        for pk, address in expected.filter(address__in=chunk).order_by("-pk").values_list("pk", "address"):
            people[address] = (pk, False)
        proved = EmailAddress.objects.filter(email__in=chunk, verified=True)
        for pk, address, joined in proved.values_list("user", "email", "user__joined_at"):
            people[address] = (pk, joined is not None)
    return people


def _look_at_month(batch: CompletionBatch, found: Preview) -> None:
    month = Month.objects.filter(month_runs__run=batch.run).select_related("space__institute").first()
    found.opens = month is None and bool(found.new)
    found.still_runs = batch.run.ends_on > actions.days_of(batch.run).today
    found.last_day = found.last_day_now = month.space.last_day if month else None


def _rehearse(batch: CompletionBatch, found: Preview, invited: list[Row], told: list[Row]) -> None:
    with transaction.atomic():
        draft = CompletionBatch.objects.select_related("run__course__institute", "made_by").get(pk=batch.pk)
        draft.started_at = clock.now()
        for rows, invites in ((invited, True), (told, False)):
            for letter in _letters(draft, rows, invites):
                found.letters.append(letter)
        month = Month.objects.select_related("space__institute").get(month_runs__run=batch.run)
        found.last_day = month.space.last_day
        transaction.set_rollback(True)


def _letters(draft: CompletionBatch, rows: list[Row], invites: bool) -> Iterator[Letter]:
    """Complete the first of these for the moment, and read the mail that was written to them."""
    if not rows:
        return
    before = Mail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if user := actions.complete_one(draft, rows[0]):
        mail = Mail.objects.filter(user=user, pk__gt=before).order_by("pk").first()
        if mail:
            yield Letter(mail.subject, _without_key(mail.text, user), mail.language, len(rows), invites)


def _without_key(text: str, user: User) -> str:
    """The mail without the link that lets its reader in: that one is for them alone."""
    for invitation in Invitation.objects.filter(user=user):
        link = settings.SITE_URL + invitations.link_to(invitation)
        text = text.replace(link, gettext("[a link of their own]"))
    return text
