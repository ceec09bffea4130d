"""Users, their invitations, their drafts, and counts of attempts to sign in."""

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock, names
from common.addresses import normalize_address


class UserManager(BaseUserManager["User"]):
    """Creates users. They exist before they accept their invitation."""

    def create_user(self, name: str, email: str = "", password: str | None = None, **more: Any) -> "User":
        """A new user. Without a password nobody can sign in as them until they set one.

        Raises ValueError if `email` is neither empty nor an address.
        """
        user = self.model(name=name, email=normalize_address(email) if email else "", **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, name: str, email: str, password: str, **more: Any) -> "User":
        """An administrator of the installation, who has joined."""
        return self.create_user(
            name, email, password, is_staff=True, is_superuser=True, joined_at=clock.now(), **more
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(key=username or "")


class Occupation(models.TextChoices):
    """A profession, shown on the profile. It gives no rights; a membership does."""

    TEACHER = "teacher", _("Teacher")
    HEAD = "head", _("Head of a school")
    SCHOOL_OFFICE = "school-office", _("School administration")
    PRESCHOOL = "preschool", _("Preschool teacher")
    MUNICIPAL = "municipal", _("Municipal education specialist")
    TEACHER_CENTRE = "teacher-centre", _("Teacher centre specialist")
    LIBRARIAN = "librarian", _("Pedagogical librarian")
    TRAINER = "trainer", _("Trainer")
    OTHER = "other", _("Something else")


class Theme(models.TextChoices):
    SYSTEM = "system", _("Same as my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `email` is for contact: it may be empty or shared; users sign in with a verified address.

    `joined_at` is empty until the invitation is accepted; a suspended user cannot sign in.
    """

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    preferred_name = models.CharField(
        _("what we call them"), max_length=60, blank=True, help_text=_("If empty, the full name is used.")
    )
    email = models.EmailField(_("email address"), blank=True)
    occupation = models.CharField(_("occupation"), max_length=20, choices=Occupation, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    theme = models.CharField(_("colours"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    shows_presence = models.BooleanField(_("others see when I’m in the chat"), default=True)
    shows_reading = models.BooleanField(_("counted in “read by” numbers"), default=True)
    # When they were told that pictures show no pupil who can be recognised, which is said once.
    pictures_explained_at = models.DateTimeField(null=True, editable=False)
    picture = models.PositiveBigIntegerField(
        null=True, editable=False, help_text="the number of the file that shows them"
    )
    is_staff = models.BooleanField(_("runs this installation"), default=False)
    is_moderator = models.BooleanField(_("moderator"), default=False)
    created_at = models.DateTimeField(_("made"), default=clock.now, editable=False)
    joined_at = models.DateTimeField(_("joined"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    # The person asked to be erased, which happens at this moment; until then they can change their mind.
    erasure_at = models.DateTimeField(_("will be erased"), null=True, blank=True)
    # Whether what others may read of theirs goes as well, or stays without the name.
    erasure_takes_posts = models.BooleanField(default=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "key"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "email"]

    class Meta:
        indexes = [
            models.Index(fields=["email"], name="user_email"),
            models.Index(
                fields=["erasure_at"], condition=Q(erasure_at__isnull=False), name="user_to_be_erased"
            ),
        ]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether this person may sign in."""
        return self.suspended_at is None

    @property
    def initials(self) -> str:
        """Initials for the avatar."""
        return names.initials(self.name)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """How this person is greeted: as they asked to be called, or by the whole name.

        Which word of a name is the given one cannot be told: that depends on who wrote it down.
        """
        return self.preferred_name or self.name


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())


class Invitation(models.Model):
    """An invitation by mail. Its link carries a signed id, never the address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    address = models.EmailField()
    occasion = models.CharField(max_length=200, help_text="what they are invited to, in words")
    next_path = models.CharField(max_length=300, default="/")
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    link_number = models.PositiveIntegerField(default=0, help_text="part of the link; a renewal raises it")
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "address"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_pending_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} to {self.occasion}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > clock.now()

    @staticmethod
    def expiry() -> dt.datetime:
        """When an invitation sent now stops working."""
        return clock.now() + dt.timedelta(days=settings.INVITATION_DAYS)


class Draft(models.Model):
    """The unsent content of a form: the path of its page and its fields."""

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    place = models.CharField(max_length=200, help_text="path of the page whose form this is")
    title = models.CharField(max_length=200, blank=True)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "place"], name="one_draft_per_place")]

    def __str__(self) -> str:
        return f"{self.user} at {self.place}"


class AttemptCount(models.Model):
    """How often something was tried since the period began; see `limits`. The key names nobody."""

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"
