"""What practices register: their kinds of posts, and a tab in every space."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from community.posts import counting, kinds
from community.posts.counting import Counted, Name
from community.practices import comment_news, news
from community.practices.actions import recount_chain, retitle_try_outs
from community.practices.comment_models import Comment
from community.practices.comment_permissions import keeps_order as keeps_comments_in_order
from community.practices.comment_queries import comment_path
from community.practices.models import Practice, PracticeQuerySet
from community.practices.permissions import keeps_order
from community.practices.queries import unread
from community.spaces import frame
from community.spaces.kinds import Tab
from community.spaces.models import Space
from community.unread import sources
from community.unread.queries import new_on_page

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register the kinds of posts, what counts, and the tab."""
    kinds.register(
        Practice.KIND,
        kinds.PostKind(
            keeps_order,
            model=Practice,
            related=("space__institute",),
            path=news.practice_path,
            is_talk=False,
            withdrawn=_recount,
            restored=_recount,
        ),
    )
    kinds.register_files(Practice)
    kinds.register_files(Comment)
    kinds.register(
        Comment.KIND,
        kinds.PostKind(
            keeps_comments_in_order,
            model=Comment,
            related=("practice__space__institute",),
            path=comment_path,
            is_talk=False,
            head=lambda comment: comment.practice,
            bell_keys=lambda comment: [comment_news.comment_key(comment)],
            withdrawn=comment_news.withdraw_comment,
            restored=comment_news.restore_comment,
        ),
    )
    # Sharing a practice counts as having tried it.
    counting.register(
        *(
            Counted(name, Practice.objects.countable, moment="published_at")
            for name in (Name.POSTED, Name.PRACTICE, Name.SHARED, Name.TRIED)
        )
    )
    counting.register(Counted(Name.POSTED, Comment.objects.countable, space="practice__space"))
    sources.register("practices", _new_to)
    frame.register_tabs(_tabs)


def _recount(practice: Practice) -> None:
    """After it was withdrawn or restored."""
    news.recount_notifications(practice)
    recount_chain(practice)
    shown, hidden = practice.title, ""
    if practice.is_withdrawn:
        retitle_try_outs(practice, before=shown, now=hidden)
    else:
        retitle_try_outs(practice, before=hidden, now=shown)


def _new_to(user: "User") -> PracticeQuerySet:
    return unread(Practice.objects.visible_to(user), user)


def _tabs(request: HttpRequest, space: Space) -> list[Tab]:
    new = new_on_page(request, space).practices
    return [Tab("space_practices", gettext("Write-ups"), reverse("space_practices", args=[space.pk]), new)]
