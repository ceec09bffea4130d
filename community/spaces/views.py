"""The front page of a space, and its people."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.paging import page_of
from common.text import clean_line
from community.spaces import actions, frame
from community.spaces.kinds import kind_of
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Membership
from community.spaces.permissions import can_dismiss, can_see_arrival, can_see_awaiting, membership_in
from community.spaces.queries import PEOPLE_PER_PAGE, dismissed_from, groups_of, people_of

MAX_SEARCHED_CHARS = 120
SEARCH_FROM = 12
"""The list of people can be searched when there are more than these."""


@require_safe
def space(request: MemberRequest, pk: int) -> HttpResponse:
    """The front page of a space, rendered by the subject that registered it."""
    return frame.front_page(request, space_or_404(request, pk))


@require_safe
def people(request: MemberRequest, pk: int) -> HttpResponse:
    """The members of a space by role, and the institute's people who read it; those of `?q=` only."""
    space = space_or_404(request, pk)
    may_dismiss = can_dismiss(request.user, space)
    searched = clean_line(request.GET.get("q", ""))[:MAX_SEARCHED_CHARS]
    people = people_of(space, searched)
    membership = membership_in(request.user, space)
    page = page_of(request, people.members, PEOPLE_PER_PAGE)
    context = {
        "space": space,
        "q": searched,
        "page": page,
        "groups": groups_of(space, page.object_list),
        "overseers": people.overseers,
        "is_long": bool(searched) or people.count > SEARCH_FROM,
        "people_path": kind_of(space).people_path(space),
        "remove_from": space.pk if may_dismiss else 0,
        "dismissed": dismissed_from(space) if may_dismiss else [],
        "shows_arrival": can_see_arrival(request.user, space),
        # Whether somebody is confirmed is not for the other members.
        "shows_awaiting": can_see_awaiting(request.user, space),
        "awaiting_reader": request.user.pk if membership is not None and membership.is_awaiting else 0,
    }
    return render(request, "spaces/people_list.html", context)


@require_POST
def member_dismiss(request: MemberRequest, pk: int, member: int) -> HttpResponse:
    """End a membership; the same page offers to readmit the person."""
    space = space_or_404(request, pk)
    membership = get_object_or_404(Membership.objects.select_related("user"), space=space, pk=member)
    actions.dismiss_member(space=space, user=membership.user, by=request.user)
    return redirect("space_people", pk)


@require_POST
def member_readmit(request: MemberRequest, pk: int, member: int) -> HttpResponse:
    """Undo a dismissal."""
    space = space_or_404(request, pk)
    membership = get_object_or_404(Membership.objects.select_related("user"), space=space, pk=member)
    actions.readmit(space=space, user=membership.user, by=request.user)
    return redirect("space_people", pk)
