"""Pages of an institute, for its staff."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from common import undo
from common.access import Refused, require
from common.collation import sorted_by_name
from community.institutes import actions
from community.institutes.forms import InstituteForm, NewInstituteForm, RoleForm, StaffForm
from community.institutes.models import Institute, Staff
from community.institutes.permissions import can_create_institute, can_manage_institute
from community.people.invitation_actions import invite_again
from community.people.invitation_queries import states_of
from community.people.models import User
from community.people.zones import city_of, default_zone


def institute(request: HttpRequest, slug: str) -> HttpResponse:
    """The internal page: description and staff."""
    return _page(request, _institute_of(request, slug), StaffForm())


def institute_new(request: HttpRequest) -> HttpResponse:
    """Create an institute with its first coordinator, who is invited by mail."""
    require(can_create_institute(request.user), gettext("Only an administrator can create an institute."))
    language = request.user.language
    initial = {"language": language, "time_zone": default_zone(language)}
    form = NewInstituteForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        institute = _make_with_coordinator(request.user, form.cleaned_data)
        return redirect("institute", slug=institute.slug)
    return render(
        request, "institutes/institute_new.html", {"form": form}, status=400 if form.errors else 200
    )


@transaction.atomic
def _make_with_coordinator(by: User, fields: dict[str, Any]) -> Institute:
    name, address = fields.pop("coordinator"), fields.pop("address")
    institute = actions.make_institute(by=by, **fields)
    actions.add_staff(institute=institute, by=by, name=name, address=address, role=Staff.Role.COORDINATOR)
    return institute


def _institute_of(request: HttpRequest, slug: str) -> Institute:
    return get_object_or_404(Institute.objects.visible_to(request.user), slug=slug)


def _page(request: HttpRequest, institute: Institute, form: StaffForm) -> HttpResponse:
    managed = can_manage_institute(request.user, institute)
    rows = institute.staff.select_related("user").order_by("role", "pk")
    staff = sorted_by_name(rows, lambda row: row.user.name)
    invitations = states_of(row.user for row in staff) if managed else {}
    context = {
        "institute": institute,
        "city": city_of(institute.time_zone),
        "managed": managed,
        "staff": [
            (row, RoleForm(instance=row, auto_id=f"%s-{row.pk}"), invitations.get(row.user_id))
            for row in staff
        ],
        "form": form,
        "undo": _offered_undo(request, institute) if managed else None,
    }
    return render(request, "institutes/institute_detail.html", context, status=400 if form.errors else 200)


def _offered_undo(request: HttpRequest, institute: Institute) -> dict[str, Any] | None:
    ids = undo.offered_undo(request, "staff", institute)
    removed = User.objects.filter(pk=ids["user_id"]).first() if ids else None
    return {**ids, "name": removed.name} if ids and removed else None


def institute_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the description."""
    institute = _institute_of(request, slug)
    require(
        can_manage_institute(request.user, institute),
        gettext("Only a coordinator of the institute can change this."),
    )
    form = InstituteForm(request.POST or None, instance=institute)
    if request.method == "POST" and form.is_valid():
        actions.update_institute(institute=institute, by=request.user, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return redirect("institute", slug=slug)
    context = {"form": form, "institute": institute}
    return render(request, "institutes/institute_form.html", context, status=400 if form.errors else 200)


@require_POST
def staff_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add somebody to the staff; a new user is invited by mail."""
    institute, form = _institute_of(request, slug), StaffForm(request.POST)
    if not form.is_valid():
        return _page(request, institute, form)
    staff, added = actions.add_staff(institute=institute, by=request.user, **form.cleaned_data)
    if not added:
        sentence = gettext("%(name)s already has this role.")
    elif staff.user.joined_at is None:
        sentence = gettext("%(name)s has been added to the staff. We’ve emailed an invitation.")
    else:
        sentence = gettext("%(name)s is on the staff.")
    messages.success(request, sentence % {"name": staff.user.name})
    return redirect("institute", slug=slug)


def _staff_of(request: HttpRequest, slug: str, pk: int) -> Staff:
    staff = Staff.objects.select_related("institute", "user")
    return get_object_or_404(staff, institute=_institute_of(request, slug), pk=pk)


@require_POST
def staff_invite(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Invite a member of staff again."""
    staff = _staff_of(request, slug, pk)
    require(
        can_manage_institute(request.user, staff.institute),
        gettext("Only a coordinator of the institute can change this."),
    )
    try:
        invite_again(user=staff.user, by=request.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        text = gettext("Another invitation is on its way to %(name)s.")
        messages.success(request, text % {"name": staff.user.name})
    return redirect("institute", slug=slug)


@require_POST
def staff_role(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give somebody another role."""
    staff = _staff_of(request, slug, pk)
    role = request.POST.get("role", "")
    if role in Staff.Role.values:
        actions.change_role(staff=staff, role=role, by=request.user)
        messages.success(request, gettext("Saved."))
    return redirect("institute", slug=slug)


@require_POST
def staff_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End somebody's role; the page that follows offers to restore it."""
    staff = _staff_of(request, slug, pk)
    token = undo.create_token("staff", staff.institute, user_id=staff.user_id, role=staff.role)
    actions.remove_staff(staff=staff, by=request.user)
    response = redirect("institute", slug=slug)
    response["Location"] += f"?undo={token}"
    return response


@require_POST
def staff_restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo a removal."""
    institute = _institute_of(request, slug)
    if ids := undo.read_token("staff", institute, request.POST.get("note", "")):
        user = get_object_or_404(User, pk=ids["user_id"])
        actions.give_role(institute=institute, user=user, role=ids["role"], by=request.user)
        messages.success(request, gettext("%(name)s is back on the list.") % {"name": user.name})
    else:
        messages.warning(request, gettext("It’s too late to undo this. Please add them again."))
    return redirect("institute", slug=slug)
