"""An institute's own words, and who works there. Making an institute is the administrator's, in the admin."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from common.access import Refused, require
from community.institutes.models import Institute, Staff
from community.institutes.permissions import can_manage_institute
from community.people import invitations
from community.people.actions import find_or_make

if TYPE_CHECKING:
    from community.people.models import User


def _only_coordinators(user: "User", institute: Institute) -> None:
    require(
        can_manage_institute(user, institute), gettext("Only a coordinator of the institute can change this.")
    )


@transaction.atomic
def describe_institute(*, institute: Institute, by: "User", **words: Any) -> Institute:
    """Change what the institute says of itself: name, about, language, time zone. Spaces that were opened
    keep the zone they have, so that their last day stays where people were told it is."""
    _only_coordinators(by, institute)
    for field, value in words.items():
        setattr(institute, field, value)
    institute.save(update_fields=list(words))
    return institute


@transaction.atomic
def add_staff(*, institute: Institute, by: "User", name: str, address: str, role: str) -> tuple[Staff, bool]:
    """Give somebody a role, and invite them when they have not come in yet. Again changes nothing."""
    _only_coordinators(by, institute)
    user, _made = find_or_make(
        name=name, address=address, language=institute.language, time_zone=institute.time_zone
    )
    staff, added = Staff.objects.get_or_create(institute=institute, user=user, role=role)
    if user.joined_at is None:
        invitations.invite(
            user=user,
            address=address,
            occasion=institute.name,
            next_path=reverse("institute", kwargs={"slug": institute.slug}),
            by=by,
        )
    return staff, added


@transaction.atomic
def change_role(*, staff: Staff, role: str, by: "User") -> Staff:
    """Give a member of staff another role. The last coordinator stays one."""
    _only_coordinators(by, staff.institute)
    if staff.role == role:
        return staff
    _keep_a_coordinator(staff)
    if Staff.objects.filter(institute=staff.institute, user=staff.user, role=role).exists():
        raise Refused(gettext("%(name)s has this role already.") % {"name": staff.user.name})
    staff.role = role
    staff.save(update_fields=["role"])
    return staff


@transaction.atomic
def remove_staff(*, staff: Staff, by: "User") -> None:
    """End somebody's role at the institute. The last coordinator cannot be removed."""
    _only_coordinators(by, staff.institute)
    _keep_a_coordinator(staff)
    staff.delete()


@transaction.atomic
def put_back_staff(*, institute: Institute, user_id: int, role: str, by: "User") -> None:
    """Undo a removal."""
    _only_coordinators(by, institute)
    Staff.objects.get_or_create(institute=institute, user_id=user_id, role=role)


def _keep_a_coordinator(staff: Staff) -> None:
    others = (
        staff.institute.staff.select_for_update().filter(role=Staff.Role.COORDINATOR).exclude(pk=staff.pk)
    )
    if staff.role == Staff.Role.COORDINATOR and not others:
        raise Refused(gettext("An institute needs a coordinator. Name another one first."))
