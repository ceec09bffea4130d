"""Spaces and memberships. Every post belongs to a space."""

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q

from common import clock
from common.expressions import row_by_row
from community.institutes.models import Institute
from community.spaces import kinds
from community.spaces.kinds import Right

if TYPE_CHECKING:
    from community.people.models import User


class SpaceQuerySet(models.QuerySet["Space"]):
    def open(self) -> "SpaceQuerySet":
        """Those open for writing."""
        return self.filter(Q(closes_at=None) | Q(closes_at__gt=clock.now()))

    def closed(self) -> "SpaceQuerySet":
        """Those closed for writing."""
        return self.filter(closes_at__lte=clock.now())

    def of_member(self, user: "User") -> "SpaceQuerySet":
        """Those the user is a current member of."""
        return self.filter(Q(pk__in=Membership.objects.current().filter(user=user).values("space")))

    def kept_in_order_by(self, user: "User") -> "SpaceQuerySet":
        """Those where the user may pin and take down; `can_keep_order` is the check of one."""
        right = Right.KEEP_ORDER
        mine = Membership.objects.current().with_right(right).filter(user=user).values("space")
        return self.filter(Q(pk__in=mine) | kinds.overseen(user, right))

    def visible_to(self, user: "User") -> "SpaceQuerySet":
        """Those the user may see: as a member, or by overseeing spaces of that kind."""
        if not user.is_authenticated:
            return self.none()
        # A space is mostly looked up by its key: then the other memberships of the user need not be read.
        mine = row_by_row(Membership.objects.current().filter(user=user, space=OuterRef("pk")))
        return self.filter(Q(mine) | kinds.overseen(user, Right.SEE))


class Space(models.Model):
    """Members and their posts. It is open while `closes_at` is empty or still to come."""

    kind = models.CharField(max_length=32, help_text="registered by the subject that owns it, see kinds")
    institute = models.ForeignKey(Institute, models.PROTECT, related_name="spaces", null=True)
    room = models.OneToOneField("messaging.Room", models.PROTECT, related_name="space")
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    opened_at = models.DateTimeField(default=clock.now)
    closes_at = models.DateTimeField(null=True, blank=True)
    # Set when the space opens: its last day must not move when the institute changes its zone.
    time_zone = models.CharField(max_length=60)

    objects = SpaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opened_at")),
                name="space_closes_after_it_opens",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is open for writing."""
        return self.closes_at is None or self.closes_at > clock.now()

    @property
    def scope(self) -> str:
        """The name of this space in notifications and mails."""
        return f"space:{self.pk}"

    @property
    def sentences(self) -> kinds.Sentences:
        """The sentences that depend on its kind."""
        return kinds.kind_of(self).sentences

    @property
    def first_day(self) -> dt.date:
        """The day on which it opened, in the space's time zone."""
        return self.opened_at.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def last_day(self) -> dt.date:
        """The last day of talk, in the space's time zone. Raises ValueError for a space without end."""
        if self.closes_at is None:
            raise ValueError(f"{self} has no end")
        moment = self.closes_at - dt.timedelta(microseconds=1)
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        """Those that are valid now: not dismissed, and not expired if awaiting."""
        now = clock.now()
        waiting = Q(awaiting_until__gt=now) & (Q(space__closes_at=None) | Q(space__closes_at__gt=now))
        return self.filter(Q(awaiting_until=None) | waiting, dismissed_at=None)

    def answering(self) -> "MembershipQuerySet":
        """Those of people who answer questions and can be reached: they have joined and are not suspended."""
        return self.with_right(Right.ANSWER).filter(user__joined_at__isnull=False, user__suspended_at=None)

    def with_right(self, right: Right) -> "MembershipQuerySet":
        """Those whose role has a right."""
        return self.filter(kinds.roles_where(lambda role: right in role.rights))


class Membership(models.Model):
    """The membership of a user: role and end. The single source of truth. `spaces.actions` copies
    it to the room's members in the same transaction. Awaiting means: admitted before the completion is
    confirmed."""

    # No index by the space or the user alone: with it, all people of a space might be read for one of them.
    space = models.ForeignKey(Space, models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", db_index=False
    )
    role = models.CharField(max_length=32, help_text="the name of a role of the space's kind")
    awaiting_until = models.DateTimeField(null=True, blank=True)
    admitted_at = models.DateTimeField(default=clock.now)
    admitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Dismissed because the role at the institute that it came with ended; restored when that is given again.
    ended_with_role = models.BooleanField(default=False)
    came_in_at = models.DateTimeField(
        null=True, blank=True, help_text="first visit; shown as yes or no, never as a time"
    )
    reads_along = models.BooleanField(default=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "user"], name="member_once"),
            models.CheckConstraint(
                condition=Q(ended_with_role=False) | Q(dismissed_at__isnull=False),
                name="ended_membership_is_dismissed",
            ),
        ]
        # Every page asks for the spaces of its reader, of hundreds of memberships without their rows.
        indexes = [
            models.Index(
                fields=["user", "dismissed_at", "space", "awaiting_until", "role"], name="membership_of_user"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.space}"

    @property
    def rights(self) -> kinds.Rights:
        """What its role brings in the space, without what overseeing it brings."""
        return kinds.kind_of(self.space).role(self.role).rights

    @property
    def is_awaiting(self) -> bool:
        return self.awaiting_until is not None

    def ends_at(self, closes_at: dt.datetime | None) -> dt.datetime | None:
        """When it expires in a space that closes at this moment; None if it does not. Only an awaiting
        membership expires: after the last day to wait, or with the space if that comes first."""
        if self.awaiting_until is None:
            return None
        return min(self.awaiting_until, closes_at or self.awaiting_until)
