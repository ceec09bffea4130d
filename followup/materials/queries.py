"""Materials with their files, and who may download them.

Members of the group's space may from its opening on; those who prepare the group may before.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from common import clock, undo
from common.instances import Instances
from common.statements import statement
from common.visibility import register_visibility
from community.spaces.models import Space
from followup.courses.models import Run
from followup.materials.models import KIND, Material
from followup.months.models import Month
from messaging.files.actions import files_of
from messaging.files.housekeeping import register_owner
from messaging.files.models import File

if TYPE_CHECKING:
    from community.people.models import User

REMOVED_LIFETIME = dt.timedelta(days=90)
"""For this time a removed material can be restored with its file."""


@dataclass(frozen=True)
class MaterialRow:
    """A material with its URL, and its file if it has one."""

    material: Material
    file: File | None

    @property
    def url(self) -> str:
        return self.file.get_absolute_url() if self.file else self.material.link


_runs = Instances(Run, "course__institute")
_materials = Instances(Material)


def runs_of(month: Month) -> list[Run]:
    """The course groups of a month, with their course and institute."""
    return [_runs.made_of(row) for row in _runs_of(month.pk)]


@statement(tuple)
def _runs_of(month: int) -> QuerySet[Any, Any]:
    return Run.objects.filter(month_run__month=month).values_list(*_runs.columns)


@statement(tuple)
def _materials_of(runs: list[int]) -> QuerySet[Any, Any]:
    return Material.objects.filter(run__among=runs, removed_at=None).values_list(*_materials.columns)


def materials_of(runs: Iterable[Run]) -> list[MaterialRow]:
    """The materials of these groups, oldest first, with their files; two queries."""
    materials = [_materials.made_of(row) for row in _materials_of([run.pk for run in runs])]
    files = files_of(KIND, [material.pk for material in materials if not material.link])
    return [MaterialRow(material, files.get(material.pk)) for material in materials]


def offered_undo(request: HttpRequest, owner: Run | Month) -> dict[str, Any] | None:
    """The material that was just removed from this page, which may be restored."""
    ids = undo.offered_undo(request, "material", owner)
    removed = Material.objects.filter(pk=ids["pk"]).first() if ids else None
    return {**ids, "title": removed.title} if ids and removed else None


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Which of these materials the user may download; one query."""
    if not user.is_authenticated:
        return set()
    member = Q(run__month_run__month__space__in=Space.objects.visible_to(user))
    run_viewer = Q(run__in=Run.objects.visible_to(user))
    run_staff = Q(run__in=Run.objects.completable_by(user))
    found = Material.objects.filter(Q(removed_at=None) & (member | run_viewer) | run_staff, pk__in=list(ids))
    return set(found.values_list("pk", flat=True))


def still_needed(ids: Iterable[int]) -> set[int]:
    """Which of these materials still need their file: all but those that were removed long ago."""
    needed = Material.objects.filter(pk__in=list(ids)).exclude(removed_at__lt=clock.now() - REMOVED_LIFETIME)
    return set(needed.values_list("pk", flat=True))


def register() -> None:
    """Register who may see the files of materials."""
    register_visibility(KIND, visible)
    register_owner(KIND, still_needed)
