"""Conversations in a space: threads, questions, replies, and how far each reader has come."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from community.spaces.models import Membership, Space

if TYPE_CHECKING:
    from community.people.models import User


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, user: "User") -> "ThreadQuerySet":
        """Those in spaces the person sees; a question to the trainer only: its author and the trainers."""
        if not user.is_authenticated:
            return self.none()
        training = (
            Membership.objects.current().filter(user=user, role=Membership.Role.TRAINER).values("space")
        )
        return self.filter(space__in=Space.objects.visible_to(user)).filter(
            Q(audience=Thread.Audience.EVERYONE) | Q(author=user) | Q(space__in=training)
        )

    def standing_there(self) -> "ThreadQuerySet":
        """Those not withdrawn."""
        return self.filter(withdrawn_at=None)

    def unanswered(self) -> "ThreadQuerySet":
        """Questions that still wait for an accepted answer, or whose answer was taken back."""
        return self.filter(
            Q(answer=None) | Q(answer__withdrawn_at__isnull=False),
            kind=Thread.Kind.QUESTION,
            withdrawn_at=None,
        )


class Thread(models.Model):
    """A conversation, or a question, which is a conversation that wants an answer."""

    class Kind(models.TextChoices):
        CONVERSATION = "conversation", _("conversation")
        QUESTION = "question", _("question")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("everyone here")
        TRAINER = "trainer", _("the trainer only")

    space = models.ForeignKey(Space, models.CASCADE, related_name="threads")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="threads")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CONVERSATION)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.EVERYONE)
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True, editable=False)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    client_id = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    last_number = models.PositiveIntegerField(default=0, help_text="number of the newest reply; 0 with none")
    last_post_at = models.DateTimeField(default=clock.now)
    answer = models.OneToOneField("Reply", models.SET_NULL, null=True, related_name="answers")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    pinned_at = models.DateTimeField(null=True)
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kept_from = models.PositiveBigIntegerField(
        null=True, help_text="number of the first message of the room that it was made of"
    )

    objects = ThreadQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_id"], name="thread_sent_once")]
        indexes = [models.Index(fields=["space", "-last_post_at"], name="thread_newest_first")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_question(self) -> bool:
        return self.kind == self.Kind.QUESTION

    @property
    def is_answered(self) -> bool:
        """Whether an accepted answer stands. One that was taken back counts again once restored."""
        return self.answer is not None and self.answer.withdrawn_at is None

    @property
    def for_trainer_only(self) -> bool:
        return self.audience == self.Audience.TRAINER


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: "User") -> "ReplyQuerySet":
        """Those in threads the person sees; the text of a withdrawn one is shown to nobody."""
        return self.filter(thread__in=Thread.objects.visible_to(user))

    def standing_there(self) -> "ReplyQuerySet":
        """Those not withdrawn."""
        return self.filter(withdrawn_at=None)


class Reply(models.Model):
    """One post in a thread, numbered within it from 1 without gaps."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="replies")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="replies")
    text = models.TextField(_("text"))
    html = models.TextField(editable=False)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    tried = models.BooleanField(_("I tried this"), default=False)
    client_id = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kept_from = models.PositiveBigIntegerField(
        null=True, help_text="number of the first message of the room that it was made of"
    )

    objects = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["thread", "number"], name="reply_number_once"),
            models.UniqueConstraint(fields=["author", "client_id"], name="reply_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.thread} #{self.number}"


class ThreadVisit(models.Model):
    """How far one reader has come in a thread: the last reply they saw (0: the opening only)."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="thread_visit_once")]

    def __str__(self) -> str:
        return f"{self.user} read {self.thread} to {self.number}"
