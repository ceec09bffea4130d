"""What others ask and say about a practice, under it."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.posts.models import PostQuerySet, TextPost
from community.practices.models import Practice
from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


class CommentQuerySet(PostQuerySet["Comment"]):
    def visible_to(self, user: "User") -> "CommentQuerySet":
        """Those on practices that the user sees, in spaces that they see: a practice that is shown to others
        as well does not take along what was said about it. The text of a withdrawn one is not shown."""
        practices = Practice.objects.visible_to(user).filter(space__in=Space.objects.visible_to(user))
        return self.filter(practice__in=practices)

    def countable(self) -> "CommentQuerySet":
        """Those that count in figures: not withdrawn, on a practice that counts."""
        return self.published().filter(practice__in=Practice.objects.countable())


class Comment(TextPost):
    """A comment on a practice or a question to its author, numbered within it from 1 without gaps."""

    KIND = "comment"
    SEARCHED = ("text",)

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="comments", db_index=False)
    number = models.PositiveIntegerField()
    asks = models.BooleanField(_("A question to the author"), default=False)
    answers = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", help_text="the question it was written for"
    )
    answer = models.OneToOneField("self", models.SET_NULL, null=True, related_name="settles")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta(TextPost.Meta):
        ordering = ["number"]
        constraints = [
            *TextPost.Meta.constraints,
            models.UniqueConstraint(fields=["practice", "number"], name="comment_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.practice} #{self.number}"

    @property
    def home(self) -> Space:
        return self.practice.space

    @property
    def home_id(self) -> int:
        return self.practice.space_id

    def lock(self) -> Self:
        """The practice is locked first, as in every action that writes under it."""
        practice = Practice(pk=self.practice_id).lock()
        comment = super().lock()
        comment.practice = practice
        return comment
