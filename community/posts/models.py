"""What every kind of post has: author, language, edited, withdrawn, search text; and its audience."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock, searching, sources
from common.expressions import row_by_row
from community.spaces.models import Space
from community.unread.actions import advance
from messaging.chat.models import Reaction

if TYPE_CHECKING:
    from community.people.models import User
    from community.posts.queries import Kept

P = TypeVar("P", bound="Post")

NEWS = frozenset({"withdrawn_at", "audience", "published_at"})
"""Fields that decide whether a post is new to somebody."""
NO_SEARCH_TEXT = {"search_text": ""}
"""Fields to set as well in an `update()` that empties the text of a post, since it does not call `save()`."""


class AudienceQuerySet(models.QuerySet["Audience"]):
    def reaching(self, user: "User") -> "AudienceQuerySet":
        """Rows that let this person read: of spaces they see, of the library if signed in, public ones."""
        if not user.is_authenticated:
            return self.filter(reach=Audience.Reach.PUBLIC)
        in_visible_space = Q(row_by_row(Space.objects.visible_to(user).filter(pk=OuterRef("space"))))
        return self.filter(in_visible_space | Q(reach__in=[Audience.Reach.LIBRARY, Audience.Reach.PUBLIC]))


class Audience(models.Model):
    """One group of people that a post is for: those of a space, everybody who is signed in, or everybody.

    A post may have several. The first is the space in which it was written.
    """

    class Reach(models.TextChoices):
        SPACE = "space"
        LIBRARY = "library"
        PUBLIC = "public"

    post_kind = models.CharField(max_length=20)
    post_id = models.PositiveBigIntegerField()
    reach = models.CharField(max_length=7, choices=Reach, default=Reach.SPACE)
    space = models.ForeignKey(Space, models.CASCADE, null=True, related_name="+")

    objects = AudienceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reach="space", space__isnull=False) | (~Q(reach="space") & Q(space=None)),
                name="audience_of_a_space_names_it",
            ),
            # The first also serves the lookup of a post's rows in `in_audience_of`.
            models.UniqueConstraint(fields=["post_kind", "post_id", "space"], name="audience_space_once"),
            models.UniqueConstraint(
                fields=["post_kind", "post_id", "reach"], condition=Q(space=None), name="audience_reach_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_kind} {self.post_id} for {self.space or self.reach}"


class PostQuerySet(models.QuerySet[P]):
    def published(self) -> Self:
        """Those that readers see: not withdrawn."""
        return self.filter(withdrawn_at=None)

    def locked(self) -> Self:
        """SELECT FOR UPDATE of these rows alone, not of what is joined."""
        return self.select_for_update(of=("self",))

    def bulk_create(self, objs: Iterable[P], *args: Any, **kwargs: Any) -> list[P]:
        """As Django's, with the search text of each."""
        posts = list(objs)
        for post in posts:
            post.write_search_text()
        with transaction.atomic(savepoint=False):
            created = super().bulk_create(posts, *args, **kwargs)
            advance({post.home_id for post in posts})
        return created


class Post(models.Model):
    """Something a person wrote outside the chat. Abstract: conversations, replies and practices are posts.

    A withdrawn post keeps its row; `withdrawn_by` tells whether the author withdrew it or somebody else took
    it down.
    """

    KIND: ClassVar[str]
    """The name under which its subject registered it, see `community.posts.kinds`."""
    SEARCHED: ClassVar[tuple[str, ...]]
    """The fields that search covers."""
    SOURCES: ClassVar[tuple[str, ...]]
    """Those of them that are texts in `format` (see `common.sources`)."""
    LOCKED_WITH: ClassVar[tuple[str, ...]] = ()
    """Relations for `select_related` when the row is locked."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    format = models.CharField(max_length=10, default="markdown", db_default="markdown")
    client_id = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    search_text = models.TextField(blank=True, editable=False, help_text="see common.searching")

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["author", "client_id"], name="%(class)s_sent_once")]

    @property
    def home(self) -> Space:
        """The space in which it was written. Defined by each kind."""
        raise NotImplementedError

    @property
    def home_id(self) -> int:
        """The id of that space."""
        return self.home.pk

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def was_taken_down(self) -> bool:
        """Whether it is withdrawn, and not by its author."""
        return self.withdrawn_at is not None and self.withdrawn_by_id != self.author_id

    @property
    def was_hidden(self) -> bool:
        """Whether it is withdrawn in nobody's name: it was reported, and nobody has decided yet."""
        return self.withdrawn_at is not None and self.withdrawn_by_id is None

    def lock(self) -> Self:
        """The row as it is now, locked. Call `posts.actions.lock_post` instead."""
        rows: PostQuerySet = type(self).objects  # type: ignore[attr-defined]
        return rows.locked().select_related(*self.LOCKED_WITH).get(pk=self.pk)

    def plain_text(self, field: str) -> str:
        """The words of one of its texts (see `common.sources.plain_text`), or another field as it is."""
        value: str = getattr(self, field)
        return sources.plain_text(value, self.format) if field in self.SOURCES else value

    def sent(self, field: str) -> str:
        """One of its texts as a form carries it."""
        return sources.sent(getattr(self, field), self.format)

    def rendered(self) -> list[str]:
        """The fields with the HTML of each of its texts."""
        return ["html" if field == "text" else f"{field}_html" for field in self.SOURCES]

    @property
    def typed(self) -> str:
        """The words of all its texts."""
        return "\n".join(map(self.plain_text, self.SOURCES))

    def write_search_text(self) -> None:
        """Set the search text from the current text."""
        text = "\n".join(filter(None, map(self.plain_text, self.SEARCHED)))
        self.search_text = searching.search_text(text, self.language)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Update the search text with the text, and have what is new in its space counted again if needed."""
        changes_news = self._state.adding or update_fields is None or not NEWS.isdisjoint(update_fields)
        if update_fields is None or {*self.SEARCHED, "language"} & set(update_fields):
            self.write_search_text()
            update_fields = update_fields and {*update_fields, "search_text"}
        with transaction.atomic(savepoint=False):
            super().save(*args, update_fields=update_fields, **kwargs)
            if changes_news:
                advance([self.home_id])


class SpacePostQuerySet(PostQuerySet[P]):
    def in_audience_of(self, user: "User") -> Self:
        """Those with an audience that the person belongs to. No row is multiplied by several audiences."""
        kind = self.model.KIND
        rows = Audience.objects.reaching(user).filter(post_kind=kind, post_id=OuterRef("pk"))
        return self.filter(row_by_row(rows))

    def bulk_create(self, objs: Iterable[P], *args: Any, **kwargs: Any) -> list[P]:
        """As Django's, with the search text and the first audience of each."""
        with transaction.atomic():
            posts = super().bulk_create(objs, *args, **kwargs)
            Audience.objects.bulk_create(_home_audience(post) for post in posts)
        return posts


class SpacePost(Post):
    """A post with a space of its own, which may be given further audiences; `space` is its home."""

    class Meta(Post.Meta):
        abstract = True

    @property
    def home(self) -> Space:
        space: Space = self.space  # type: ignore[attr-defined]
        return space

    @property
    def home_id(self) -> int:
        pk: int = self.space_id  # type: ignore[attr-defined]
        return pk

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new post gets its space as its first audience, in the same transaction."""
        if self._state.adding:
            with transaction.atomic(savepoint=False):
                super().save(*args, **kwargs)
                _home_audience(self).save()
        else:
            super().save(*args, **kwargs)


def _home_audience(post: Post) -> Audience:
    return Audience(post_kind=post.KIND, post_id=post.pk, space=post.home)


class TextPost(Post):
    """A post with one text, as written and as the HTML made of it. It may reference messages of the chat as
    well."""

    SOURCES = ("text",)

    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True, editable=False)
    kept_from = models.PositiveBigIntegerField(
        null=True, help_text="number of the first message of the room that it was made of"
    )

    kept_messages: "list[Kept]"
    """Set by `queries.load_kept_messages`."""

    class Meta(Post.Meta):
        abstract = True


class KeptMessage(models.Model):
    """A message of a room that a post references. The text is stored in the message only, so that edits,
    withdrawal and erasure apply here as well."""

    post_kind = models.CharField(max_length=20)
    post_id = models.PositiveBigIntegerField()
    message = models.ForeignKey("messaging.Entry", models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post_kind", "post_id", "message"], name="message_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.message} in {self.post_kind} {self.post_id}"


class PostMark(models.Model):
    """A mark that a user gave a post of any kind, as messages of the chat have them; deleted when they remove
    it."""

    post_kind = models.CharField(max_length=20)
    post_id = models.PositiveBigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    mark = models.CharField(max_length=6, choices=Reaction.Mark)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post_kind", "post_id", "user", "mark"], name="post_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.mark} of {self.user}"


class PostMention(models.Model):
    """A member mentioned in a post of any kind."""

    post_kind = models.CharField(max_length=20)
    post_id = models.PositiveBigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # Their name as it stands in the text; they may change it later.
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post_kind", "post_id", "user"], name="post_mention_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.post_kind} {self.post_id}"
