"""Notifications about practices, and who may get them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import reverse

from common import visibility
from common.paths import path_of
from common.statements import statement
from community.practices.comment_models import Comment
from community.practices.models import Practice
from community.practices.queries import wrote_in
from community.spaces.models import Membership
from messaging.notifications import bell, following_queries

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from community.people.models import User


def register() -> None:
    """Register who may be notified of which practice, and that practices can be followed."""
    visibility.register_visibility("practice", visible)
    visibility.register_visibility(Comment.KIND, visible_comments)
    following_queries.register(
        "practice",
        following_queries.Followable(
            things=lambda user: Practice.objects.visible_to(user).published(),
            wrote=wrote_in,
            latest="published_at",
            path=lambda pk: path_of("practice", pk),
        ),
    )


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these practices that the user sees and that are not withdrawn."""
    return set(_visible(user, list(ids)))


@statement(int)
def _visible(user: "User", practices: list[int]) -> "QuerySet[Any, Any]":
    return Practice.objects.visible_to(user).published().filter(pk__among=practices).values_list("pk")


def visible_comments(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these comments that the user sees, and that are not withdrawn, nor their practice."""
    return set(_visible_comments(user, list(ids)))


@statement(int)
def _visible_comments(user: "User", comments: list[int]) -> "QuerySet[Any, Any]":
    seen = Comment.objects.visible_to(user).countable()
    return seen.filter(pk__among=comments).values_list("pk")


def practice_path(practice: Practice) -> str:
    """The URL of a practice."""
    return reverse("practice", args=[practice.pk])


class Told(NamedTuple):
    """Somebody who is notified."""

    user_id: int


def told_of(practice: int) -> "QuerySet[Membership]":
    """The members of its space who wrote the practice, commented on it or chose to follow it, and have not
    muted it."""
    wrote = Practice.objects.filter(pk=practice).order_by().values("author")
    commented = Comment.objects.published().filter(practice=practice).order_by().values("author")
    follow = wrote.union(commented, following_queries.followers(Practice.KIND, practice))
    members = Membership.objects.current().filter(user__suspended_at=None)
    space = Practice.objects.filter(pk=practice).values("space")
    told = members.filter(space__in=space, user__in=follow)
    return told.exclude(user__in=following_queries.who_muted(Practice.KIND, practice))


def notify_try_out(try_out: Practice, of: Practice, users: list[int]) -> None:
    """Notify these people, who follow a practice, that somebody else tried it. It is about that practice, so
    that several try-outs are one item, which leads to the list of them."""
    bell.notify_many(
        users=users,
        is_new=True,
        key=_try_out_key(try_out),
        kind="try-out",
        thing=("practice", of.pk),
        scope=try_out.space.scope,
        path=f"{practice_path(of)}#try-outs",
        context={"title": of.title, "space": try_out.space.title},
        by=try_out.author,
    )


def recount_notifications(practice: Practice) -> None:
    """Withdraw or restore all notifications about a practice, after it was withdrawn or restored, and those
    that it was tried as a try-out of another."""
    about = [("practice", practice.pk)]
    bell.lock_bells(keys=[_try_out_key(practice)], things=about)
    if practice.is_withdrawn:
        bell.withdraw(key=_try_out_key(practice))
    else:
        bell.restore(key=_try_out_key(practice))
    bell.recount(things=about)


def _try_out_key(try_out: Practice) -> str:
    return f"try-out:{try_out.pk}"
