"""Use-cases of institutes: creating one, description and staff.

Every action locks the institute's row first. Otherwise two coordinators who remove each other at once would
deadlock, or leave the institute without a coordinator.
"""

import itertools
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext

from common.access import Refused, System, require
from community.institutes import roles
from community.institutes.models import Institute, Staff
from community.institutes.permissions import can_create_institute, can_manage_institute
from community.people import invitations
from community.people.actions import find_or_create_user
from community.people.zones import require_zone

if TYPE_CHECKING:
    from community.people.models import User


RESERVED_SLUGS = {"new"}
"""Addresses of pages that are no institute."""


@transaction.atomic
def make_institute(
    *, by: "User | System", name: str, language: str, time_zone: str, country: str = ""
) -> Institute:
    """Create an institute, unless there is one of this name. Returns the institute.

    Raises Refused when `by` is no administrator, and ValidationError.
    """
    require(
        isinstance(by, System) or can_create_institute(by),
        gettext("Only an administrator can create an institute."),
    )
    if (existing := Institute.objects.filter(name=name).first()) is not None:
        return existing
    require_zone(time_zone)
    institute = Institute(
        name=name, slug=_free_slug(name), country=country, language=language, time_zone=time_zone
    )
    institute.full_clean(exclude=["country"] if not country else [])
    try:
        with transaction.atomic():
            institute.save()
    except IntegrityError:
        # The same form was sent twice concurrently, and the other request was first.
        return Institute.objects.get(name=name)
    return institute


@transaction.atomic
def update_institute(*, institute: Institute, by: "User", **fields: Any) -> Institute:
    """Update name, about text, language and time zone. Returns the institute.

    Open spaces keep their time zone, so that their last day does not change. Raises Refused when `by` does
    not coordinate the institute.
    """
    _lock_for_coordinator(institute, by)
    for field, value in fields.items():
        setattr(institute, field, value)
    institute.save(update_fields=list(fields))
    return institute


@transaction.atomic
def add_staff(
    *, institute: Institute, by: "User | System", name: str, address: str, role: str
) -> tuple[Staff, bool]:
    """Give a user a role, and invite them if they have not joined yet. Idempotent.

    Returns the row and whether it is new. Raises Refused when `by` does not coordinate the institute.
    """
    _lock_for_coordinator(institute, by)
    user, _created = find_or_create_user(
        name=name,
        address=address,
        language=institute.language,
        time_zone=institute.time_zone,
        # The administrator sees everybody anyway, and names the first coordinator.
        institute=None if isinstance(by, System) or by.is_superuser else institute.pk,
    )
    staff, added = _give(institute, user, role)
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
def give_role(*, institute: Institute, user: "User", role: str, by: "User | System") -> Staff:
    """Give a role to an existing user, or give it again; memberships that ended with it are restored.

    Raises Refused when `by` does not coordinate the institute.
    """
    _lock_for_coordinator(institute, by)
    return _give(institute, user, role)[0]


@transaction.atomic
def change_role(*, staff: Staff, role: str, by: "User") -> Staff:
    """Give a member of staff another role; memberships that came with the old one end. Returns the row.

    Raises Refused when `by` does not coordinate the institute, for the last coordinator, when the person has
    the other role already, and when they are not on the staff any more.
    """
    _lock_for_coordinator(staff.institute, by)
    name = staff.user.name
    if (current := _reread(staff)) is None:
        raise Refused(gettext("%(name)s is no longer on the staff.") % {"name": name})
    if current.role == role:
        return current
    _require_another_coordinator(current)
    if Staff.objects.filter(institute=current.institute, user=current.user, role=role).exists():
        raise Refused(gettext("%(name)s already has this role.") % {"name": name})
    before, current.role = current.role, role
    current.save(update_fields=["role"])
    roles.role_ended(current.user, current.institute, before)
    roles.role_given(current.user, current.institute, role)
    return current


@transaction.atomic
def remove_staff(*, staff: Staff, by: "User | System") -> None:
    """End a user's role at the institute and the memberships that came with it (see `roles`). Idempotent.

    Raises Refused when `by` does not coordinate the institute, and for the last coordinator.
    """
    _lock_for_coordinator(staff.institute, by)
    if (current := _reread(staff)) is not None:
        _require_another_coordinator(current)
        current.delete()


def _free_slug(name: str) -> str:
    """A slug that no institute has; names without Latin letters get a number."""
    base = slugify(name)[:40].strip("-") or "institute"
    taken = RESERVED_SLUGS | set(
        Institute.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    )
    numbered = (f"{base}-{number}" for number in itertools.count(2))
    return next(slug for slug in itertools.chain([base], numbered) if slug not in taken)


def _reread(staff: Staff) -> Staff | None:
    """The row as it is under the lock: the caller's may be older than a change of the role we waited for."""
    return Staff.objects.select_related("institute", "user").filter(pk=staff.pk).first()


def _lock_for_coordinator(institute: Institute, by: "User | System") -> None:
    """Lock the institute's row, then check that `by` may change it: the role may have ended while waiting for
    the lock."""
    Institute.objects.select_for_update().get(pk=institute.pk)
    if not isinstance(by, System):
        require(
            can_manage_institute(by, institute),
            gettext("Only a coordinator of the institute can change this."),
        )


def _give(institute: Institute, user: "User", role: str) -> tuple[Staff, bool]:
    staff, added = Staff.objects.get_or_create(institute=institute, user=user, role=role)
    if added:
        roles.role_given(user, institute, role)
    return staff, added


def _require_another_coordinator(staff: Staff) -> None:
    others = staff.institute.staff.coordinating_without(staff.user)
    if staff.role == Staff.Role.COORDINATOR and not others.exists():
        raise Refused(
            gettext(
                "An institute needs a coordinator. Name another one first, and wait until they have joined."
            )
        )
