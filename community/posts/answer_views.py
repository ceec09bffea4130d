"""Answering a post in a tap: its marks, and the page with who gave them and the address of the post."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common import pieces
from common.rates import require_chat_pace
from common.scripted import refuses_in_json, wants_json
from community.posts import mark_actions
from community.posts.kinds import kind_of, visible_post
from community.posts.mark_queries import given_to, marks_of, marks_shown
from community.posts.mention_actions import readers_of
from community.posts.models import Post
from community.posts.permissions import can_mark
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Membership
from community.spaces.queries import mentionable
from messaging.chat.marks import offered_marks


@never_cache
@require_safe
def post_more(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """What else can be done with a post: other marks, who gave which, and its permanent address. Scripts show
    the same below the post."""
    post = _post_or_404(request, kind, pk)
    registered = kind_of(post)
    given = given_to(post, request.user)
    mine = {mark.mark for mark in given if mark.mine}
    may_mark = can_mark(request.user, post)
    context = {
        "space": post.home,
        "post": post,
        "head": registered.head(post),
        "path": registered.path(post),
        "address": request.build_absolute_uri(registered.path(post)),
        "given": given,
        "offered": [(mark, mark.mark in mine) for mark in offered_marks()] if may_mark else [],
    }
    return render(request, "posts/post_more.html", context)


@never_cache
@require_safe
def post_people(request: MemberRequest, kind: str, pk: int) -> JsonResponse:
    """Who can be mentioned where somebody answers this post, for the page's script; for who sees its space,
    since others may read a practice."""
    post = _post_or_404(request, kind, pk)
    space_or_404(request, post.home_id)
    return JsonResponse(mentionable(readers_of(post), request.user))


@never_cache
@require_safe
def space_people(request: MemberRequest, pk: int) -> JsonResponse:
    """Who can be mentioned in a new post of a space, for the page's script."""
    space = space_or_404(request, pk)
    members = Membership.objects.current().filter(space=space, user__suspended_at=None)
    return JsonResponse(mentionable(members, request.user))


@require_POST
@refuses_in_json
def post_mark(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """Give a post a mark, or take it back (`on=0`). A script gets the marks as they are then."""
    post = _post_or_404(request, kind, pk)
    require_chat_pace(request.user.pk)
    on = request.GET.get("on") != "0"
    mark_actions.mark(post=post, by=request.user, mark=request.POST.get("mark", ""), on=on)
    if not wants_json(request):
        return redirect(kind_of(post).path(post))
    may_mark = can_mark(request.user, post)
    shown = marks_shown(marks_of(post, request.user), may_mark=may_mark)
    drawn = pieces.draw("posts/_marks.html", kind=kind, pk=pk, marks=shown, may_mark=may_mark)
    return JsonResponse({"marks": drawn})


def _post_or_404(request: MemberRequest, kind: str, pk: int) -> Post:
    post = visible_post(kind, pk, request.user)
    if post is None:
        raise Http404
    return post
