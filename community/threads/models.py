"""Conversations in a space: threads, questions, replies, and up to which reply each reader has read."""

from typing import TYPE_CHECKING, Any, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common import clock
from common.instances import Instances
from common.statements import statement
from community.posts.models import PostQuerySet, SpacePost, SpacePostQuerySet, TextPost
from community.spaces.kinds import Right
from community.spaces.models import Membership, Space

if TYPE_CHECKING:
    from community.people.models import User


class ThreadQuerySet(SpacePostQuerySet["Thread"]):
    def visible_to(self, user: "User") -> "ThreadQuerySet":
        """Those for an audience of the user. Private questions: for their author and the members who
        answer."""
        if not user.is_authenticated:
            return self.none()
        answering = Membership.objects.current().with_right(Right.ANSWER).filter(user=user).values("space")
        return self.in_audience_of(user).filter(
            Q(audience=Thread.Audience.EVERYONE) | Q(author=user) | Q(space__in=answering)
        )

    def countable(self) -> "ThreadQuerySet":
        """Those that count in figures: not withdrawn, and everybody in the space may read them."""
        return self.published().filter(audience=Thread.Audience.EVERYONE)

    def answered(self) -> "ThreadQuerySet":
        """Questions whose accepted answer is not withdrawn."""
        return self.filter(kind=Thread.Kind.QUESTION, answer__isnull=False, answer__withdrawn_at=None)

    def unanswered(self) -> "ThreadQuerySet":
        """Questions without an accepted answer, or whose answer was withdrawn."""
        no_answer = Q(answer=None) | Q(answer__withdrawn_at__isnull=False)
        return self.published().filter(no_answer, kind=Thread.Kind.QUESTION)


class Thread(SpacePost, TextPost):
    """A conversation, or a question, which is a conversation that awaits an answer."""

    class Kind(models.TextChoices):
        CONVERSATION = "conversation", _("conversation")
        QUESTION = "question", _("question")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("everyone here")
        ANSWERERS = "answerers", _("those who answer only")

    KIND = "thread"
    SEARCHED = ("title", "text")

    space = models.ForeignKey(Space, models.CASCADE, related_name="threads", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CONVERSATION)
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.EVERYONE)
    title = models.CharField(_("title"), max_length=160)
    last_number = models.PositiveIntegerField(default=0, help_text="number of the newest reply; 0 with none")
    last_post_at = models.DateTimeField(default=clock.now)
    answer = models.OneToOneField("Reply", models.SET_NULL, null=True, related_name="answers")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    pinned_at = models.DateTimeField(null=True)
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = ThreadQuerySet.as_manager()

    class Meta(SpacePost.Meta):
        constraints = [
            *SpacePost.Meta.constraints,
            # An unknown value would be treated as everyone.
            models.CheckConstraint(
                condition=Q(audience__in=["everyone", "answerers"]), name="thread_audience_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["space", "-last_post_at"], name="thread_newest_first"),
            # Desks and Today ask for the questions of many spaces.
            models.Index(
                fields=["space"], condition=Q(kind="question", withdrawn_at=None), name="thread_questions"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def lock(self) -> Self:
        """As of every post, by two fixed statements: of the joined rows only the thread may be locked."""
        thread = self.lock_row()
        thread.space = spaces.made_of(_space(thread.space_id)[0])
        return thread

    def lock_row(self) -> Self:
        """As `lock`, for who reads the space with what else is read then."""
        row = _lock_thread.first(self.pk)
        if row is None:
            raise Thread.DoesNotExist
        return cast(Self, _threads.made_of(row))

    @property
    def is_question(self) -> bool:
        return self.kind == self.Kind.QUESTION

    @property
    def is_answered(self) -> bool:
        """Whether there is an accepted answer that is not withdrawn. A restored one counts."""
        return self.answer is not None and not self.answer.is_withdrawn

    @property
    def for_answerers_only(self) -> bool:
        return self.audience == self.Audience.ANSWERERS


_threads = Instances(Thread)
spaces = Instances(Space)


@statement(tuple)
def _lock_thread(thread: int) -> QuerySet[Any, Any]:
    return Thread.objects.select_for_update().filter(pk=thread).values_list(*_threads.columns)


@statement(tuple)
def _space(space: int) -> QuerySet[Any, Any]:
    return Space.objects.filter(pk=space).values_list(*spaces.columns)


class ReplyQuerySet(PostQuerySet["Reply"]):
    def visible_to(self, user: "User") -> "ReplyQuerySet":
        """Those in threads the user sees. The text of a withdrawn one is not shown."""
        return self.filter(thread__in=Thread.objects.visible_to(user))

    def in_published_threads(self) -> "ReplyQuerySet":
        """Those that are not withdrawn, in threads that are not."""
        return self.published().filter(thread__withdrawn_at=None)

    def countable(self) -> "ReplyQuerySet":
        """Those that count in figures: not withdrawn, in a thread that counts."""
        return self.in_published_threads().filter(thread__audience=Thread.Audience.EVERYONE)


class Reply(TextPost):
    """One post in a thread, numbered within it from 1 without gaps."""

    KIND = "reply"
    SEARCHED = ("text",)

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="replies", db_index=False)
    number = models.PositiveIntegerField()
    tried = models.BooleanField(_("I tried this"), default=False)

    objects = ReplyQuerySet.as_manager()

    class Meta(TextPost.Meta):
        ordering = ["number"]
        constraints = [
            *TextPost.Meta.constraints,
            models.UniqueConstraint(fields=["thread", "number"], name="reply_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.thread} #{self.number}"

    @property
    def home(self) -> Space:
        return self.thread.space

    @property
    def home_id(self) -> int:
        return self.thread.space_id

    def lock(self) -> Self:
        """The thread is locked first, as in every action that writes in it."""
        thread = Thread(pk=self.thread_id).lock()
        reply = super().lock()
        reply.thread = thread
        return reply


class ThreadVisit(models.Model):
    """Up to which reply a reader has read a thread (0: the opening only)."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="visits", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="thread_visit_once")]

    def __str__(self) -> str:
        return f"{self.user} read {self.thread} to {self.number}"
