"""Materials with their files, and who may download them.

Members of the group's space may from its opening on; those who prepare the group may before.
"""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from common import clock, undo
from common.instances import Instances
from common.rows import Rows
from common.statements import statement
from common.visibility import register_visibility
from community.spaces.models import Space
from followup.courses.models import Run, RunTrainer
from followup.courses.permissions import know_trainer
from followup.materials.models import KIND, Material
from followup.months.models import Month
from messaging.files.housekeeping import register_owner
from messaging.files.models import File, file_url

if TYPE_CHECKING:
    from community.people.models import User

REMOVED_LIFETIME = dt.timedelta(days=90)
"""For this time a removed material can be restored with its file."""


class ShownFile(NamedTuple):
    """The file of a material."""

    pk: int
    name: str
    size: int


class ShownMaterial(NamedTuple):
    """A material in a list; `files` are all that were attached to it, the newest last."""

    pk: int
    title: str
    link: str
    files: list[ShownFile]

    @property
    def file(self) -> ShownFile | None:
        """The file, if it is none with a link."""
        return self.files[-1] if self.files and not self.link else None

    @property
    def url(self) -> str:
        return file_url(self.file.pk, self.file.name) if self.file else self.link


_runs = Instances(Run, "course__institute")


def runs_of(user: "User", month: Month) -> list[Run]:
    """The course groups of a month, with their course and institute, and whether the user trains them."""
    runs = []
    for *values, trains in _runs_of(user, month.pk):
        run = _runs.made_of(values)
        know_trainer(user, run, trains=trains)
        runs.append(run)
    return runs


@statement(tuple)
def _runs_of(user: "User", month: int) -> QuerySet[Any, Any]:
    trains = Exists(RunTrainer.objects.filter(run=OuterRef("pk"), user=user))
    return Run.objects.filter(month_run__month=month).values_list(*_runs.columns, trains)


def materials_of(runs: Iterable[Run]) -> list[ShownMaterial]:
    """The materials of these groups, oldest first, with their files."""
    return _materials_of([run.pk for run in runs])


@statement(ShownMaterial)
def _materials_of(runs: list[int]) -> QuerySet[Any, Any]:
    files = File.objects.filter(kind=KIND, thing_id=OuterRef("pk")).order_by("pk")
    materials = Material.objects.filter(run__among=runs, removed_at=None)
    return materials.values_list("pk", "title", "link", Rows(ShownFile, files))


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
