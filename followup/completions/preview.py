"""What applying a batch would do. Computed with reads only, so that a GET locks nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.utils.translation import gettext

from community.people import belonging
from community.people.destinations import Destination
from community.people.models import Invitation, User
from community.spaces.models import Membership
from community.spaces.queries import Answerers, answerers_of
from followup.completions import actions
from followup.courses.models import CompletionBatch, Enrolment
from followup.lists.parser import Row
from followup.lists.reasons import ROLES, reason_in_words
from followup.months import dates, mails, prompts
from followup.months.actions import end_after
from followup.months.destinations import to_follow_up
from followup.months.models import Month
from followup.months.queries import has_trainer, trainers_of
from messaging.notifications.mails import compose

IDS_PER_QUERY = 500


@dataclass(frozen=True)
class MailPreview:
    """A mail as it will be composed, and how many people get one like it."""

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
    on_hand: Answerers = field(default_factory=lambda: Answerers([], []))
    mails: list[MailPreview] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)
    """The headings of the list, each with what the column was taken as."""
    turned: list[tuple[str, str]] = field(default_factory=list)
    """The names that were turned, as they stand in the list and as they were taken."""
    left: list[str] = field(default_factory=list)
    """The names below a heading that says surname first that were not turned."""
    is_month_first: bool = False
    """Whether days like 03/04/2026 were read with the month first."""

    @property
    def moves_end(self) -> bool:
        return self.last_day_now is not None and self.last_day != self.last_day_now

    @property
    def opens_without_trainer(self) -> bool:
        """Whether it opens the month with nobody on hand."""
        return self.opens and not self.on_hand.here


def preview(batch: CompletionBatch) -> Preview:
    """What applying this batch would do now. Changes and locks nothing."""
    listing, result = actions.listing_of(batch), Preview()
    result.refused = [(row, reason_in_words(row.reason, row.about)) for row in listing.refused]
    result.columns = [
        (heading, str(ROLES[role]))
        for heading, role in zip(listing.header, listing.roles, strict=False)
        if heading
    ]
    result.turned, result.left = listing.turned, listing.left
    result.is_month_first = listing.is_month_first
    ids = _ids_by_address(
        (row.address for row in listing.good if row.user_id is None), batch.run.course.institute_id
    )
    completed = set(
        Enrolment.objects.filter(run=batch.run, completed_at__isnull=False).values_list("user", flat=True)
    )
    new: dict[int | str, Row] = {}
    for row in listing.good:
        person = row.user_id or ids.get(row.address) or row.address
        if person in new or person in completed:
            result.already.append(row)
        else:
            new[person] = row
    result.new = list(new.values())
    _preview_month(batch, result, new)
    return result


def _ids_by_address(addresses: Iterable[str], institute: int) -> dict[str, int]:
    """The users whom `find_or_create_user` would find for these addresses in a list of this institute."""
    ids: dict[str, int] = {}
    for chunk in _chunks(list(addresses)):
        expected = User.objects.filter(joined_at=None, email__in=chunk)
        verified = EmailAddress.objects.filter(email__in=chunk, verified=True)
        waiting = list(expected.order_by("-pk").values_list("email", "pk"))
        owners = list(verified.values_list("email", "user"))
        known_at = belonging.institutes_of([pk for _address, pk in waiting + owners])
        ids |= {address: pk for address, pk in waiting if institute in known_at[pk] or not known_at[pk]}
        ids |= {address: pk for address, pk in owners if institute in known_at[pk]}
    return ids


def _preview_month(batch: CompletionBatch, result: Preview, new: dict[int | str, Row]) -> None:
    month = Month.objects.filter(month_runs__run=batch.run).select_related("space__institute").first()
    result.opens = month is None and bool(new)
    result.still_runs = batch.run.ends_on > actions.days_of(batch.run).today
    result.last_day = result.last_day_now = month.space.last_day if month else None
    result.on_hand = answerers_of(month.space) if month else trainers_of(batch.run)
    if not new:
        return
    known = _users([person for person in new if isinstance(person, int)])
    members = _members(month, known) if month else set()
    admitted = {person: row for person, row in new.items() if person not in members}
    today = actions.days_of(batch.run).today
    if month is None:
        result.last_day = dates.last_day(today, batch.run.course.follow_up_months)
    elif admitted:
        result.last_day = end_after(month, today)
    invited: list[User] = []
    notified: list[User] = []
    for person, row in admitted.items():
        user = known.get(person) if isinstance(person, int) else _new_user(batch, row)
        if user is not None:
            (invited if user.joined_at is None else notified).append(user)
    assert result.last_day is not None
    trainers = [*result.on_hand.here, *result.on_hand.invited]
    about = to_follow_up(batch.run, trainers, result.last_day, month.opened_on if month else today)
    if invited:
        result.mails.append(_invitation(batch, invited, about))
    if notified:
        on_hand = has_trainer(month) if month else bool(result.on_hand.here)
        result.mails.append(_opened(batch, month, notified, about, on_hand=on_hand))


def _users(ids: Sequence[int]) -> dict[int, User]:
    return {pk: user for chunk in _chunks(ids) for pk, user in User.objects.in_bulk(chunk).items()}


def _members(month: Month, known: Iterable[int]) -> set[int]:
    """Which of these are members now, confirmed or not: they get no mail and do not move the end."""
    current = Membership.objects.current().filter(space=month.space_id)
    return set(current.values_list("user", flat=True)) & set(known)


def _new_user(batch: CompletionBatch, row: Row) -> User:
    course = batch.run.course
    return User(
        name=row.name,
        email=row.address,
        language=row.language or course.language,
        time_zone=course.institute.time_zone,
    )


def _invitation(batch: CompletionBatch, users: list[User], about: Destination) -> MailPreview:
    first = users[0]
    invitation = Invitation(
        user=first,
        address=first.email,
        occasion=batch.run.course.title,
        invited_by=batch.made_by,
        expires_at=Invitation.expiry(),
    )
    context = {"invitation": invitation, "about": about, "name": first.name}
    context["link"] = gettext("[their personal link]")
    return _preview_mail("invitation", first, context, len(users), invites=True)


def _opened(
    batch: CompletionBatch, month: Month | None, users: list[User], about: Destination, *, on_hand: bool
) -> MailPreview:
    course, first = batch.run.course, users[0]
    if month is not None:
        today = prompts.current(list(month.prompts.all()), month.space.time_zone)
        context = mails.opened_context(month.space.title, about, today, mails.link_to(month), on_hand=on_hand)
    else:
        context = mails.opened_context(
            course.title,
            about,
            prompts.prompt_texts_of(course)[0],
            gettext("[their personal link]"),
            on_hand=on_hand,
        )
    context["name"] = first.get_short_name()
    return _preview_mail("month-opened", first, context, len(users), invites=False)


def _preview_mail(kind: str, user: User, context: dict, count: int, *, invites: bool) -> MailPreview:
    composed = compose(
        kind=kind,
        user=user,
        address=user.email,
        language=user.language,
        zone=user.time_zone,
        context=context,
    )
    return MailPreview(composed.subject, composed.text, user.language, count, invites)


def _chunks(items: "Sequence") -> "Iterable[Sequence]":
    return (items[start : start + IDS_PER_QUERY] for start in range(0, len(items), IDS_PER_QUERY))
