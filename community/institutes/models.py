"""Institutes that run courses, and their staff."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from community.institutes.licence_models import Licensed

if TYPE_CHECKING:
    from community.people.models import User


class InstituteQuerySet(models.QuerySet["Institute"]):
    def visible_to(self, user: "User") -> "InstituteQuerySet":
        """Those whose internal page the user may see: where they are staff; all for administrators."""
        if not user.is_authenticated:
            return self.none()
        return self.all() if user.is_superuser else self.staffed_by(user)

    def coordinated_by(self, user: "User") -> "InstituteQuerySet":
        """Institutes where the person is a coordinator."""
        return self.filter(staff__user=user, staff__role=Staff.Role.COORDINATOR)

    def staffed_by(self, user: "User") -> "InstituteQuerySet":
        """Institutes where the user has any role."""
        return self.filter(staff__user=user).distinct()


class Institute(Licensed):
    """A provider of courses. New months use its time zone; its language is the default of its texts, and its
    licence that of practices."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name in addresses"), unique=True)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    about = models.TextField(_("about"), blank=True)
    # Who is called when a child may be in danger: a name and a number or an address.
    child_contact = models.CharField(_("contact for child protection"), max_length=200, blank=True)

    objects = InstituteQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("institute")
        verbose_name_plural = _("institutes")

    def __str__(self) -> str:
        return self.name


class StaffQuerySet(models.QuerySet["Staff"]):
    def coordinating(self) -> "StaffQuerySet":
        """Coordinators who stay: not suspended, and not about to be erased."""
        return self.filter(role=Staff.Role.COORDINATOR, user__suspended_at=None, user__erasure_at=None)

    def coordinating_without(self, user: "User") -> "StaffQuerySet":
        """Coordinators who can take over from this one: if this one has joined, they have as well, since an
        invitation may have gone to a wrong address."""
        others = self.coordinating().exclude(user=user)
        return others if user.joined_at is None else others.filter(user__joined_at__isnull=False)


class Staff(models.Model):
    """A user's role at an institute."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("coordinator")
        EVALUATOR = "evaluator", _("evaluator")
        OFFICE = "office", _("office")

    institute = models.ForeignKey(Institute, models.CASCADE, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_roles")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    since = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institute", "user", "role"], name="staff_role_once")]
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"
