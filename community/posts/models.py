"""What every kind of post has: author, language, edited, withdrawn, and the text that is searched."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock, searching

if TYPE_CHECKING:
    from community.spaces.models import Space

P = TypeVar("P", bound="Post")

NO_SEARCH_TEXT = {"search_text": ""}
"""What an `update()` that empties the words of a post sets as well, since it does not call `save()`."""


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
        return super().bulk_create(posts, *args, **kwargs)


class Post(models.Model):
    """Something a person wrote outside the chat. Abstract: conversations, replies and practices are posts.

    A withdrawn post keeps its row; `withdrawn_by` says whether its author withdrew it or somebody who keeps
    order took it down.
    """

    KIND: ClassVar[str]
    """The name under which its subject registered it, see `community.posts.kinds`."""
    SEARCHED: ClassVar[tuple[str, ...]]
    """The fields whose words are searched."""
    LOCKED_WITH: ClassVar[tuple[str, ...]] = ()
    """Relations that are read together with the row when it is locked."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
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
    def home(self) -> "Space":
        """The space in which it was written. Each kind says which."""
        raise NotImplementedError

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def was_taken_down(self) -> bool:
        """Whether it is withdrawn, and not by its author."""
        return self.withdrawn_at is not None and self.withdrawn_by_id != self.author_id

    def lock(self) -> Self:
        """The row as it is now, locked. Call `posts.actions.lock_post` instead."""
        rows: PostQuerySet = type(self).objects  # type: ignore[attr-defined]
        return rows.locked().select_related(*self.LOCKED_WITH).get(pk=self.pk)

    def write_search_text(self) -> None:
        """Make the search text from the words as they are now."""
        words = "\n".join(filter(None, (getattr(self, field) for field in self.SEARCHED)))
        self.search_text = searching.search_text(words, self.language)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Keep the search text in step with the words."""
        if update_fields is None or {*self.SEARCHED, "language"} & set(update_fields):
            self.write_search_text()
            update_fields = update_fields and {*update_fields, "search_text"}
        super().save(*args, update_fields=update_fields, **kwargs)


class TextPost(Post):
    """A post with one text: kept as typed, and as the HTML made of it."""

    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True, editable=False)

    class Meta(Post.Meta):
        abstract = True
