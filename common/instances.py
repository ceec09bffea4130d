"""Instances of models from the rows of a statement, for lookups whose result is asked for rights or changed.

months = Instances(Month, "space__institute", "course")

@statement(tuple)
def _visible_month(user: "User", month: int) -> QuerySet[Any, Any]:
    return Month.objects.visible_to(user).filter(pk=month).values_list(*months.columns)

months.made_of(row)    # as `select_related("space__institute", "course")` would give it
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class Instances(Generic[M]):
    """A model, and which of its relations come with it."""

    def __init__(self, model: type[M], *related: str) -> None:
        self.columns: list[str] = []
        """The names to pass to `values_list`."""
        self._parts = [self._part(model, "")]
        for path in sorted(_with_those_on_the_way(related)):
            self._parts.append(self._part(_model_at(model, path), path))

    def made_of(self, row: Sequence[Any]) -> M:
        """The instance with its related ones; a relation without a row is None."""
        made: dict[str, Any] = {}
        for path, model, names, key, part in self._parts:
            values = row[part]
            missing = bool(path) and values[key] is None
            made[path] = instance = None if missing else model.from_db("default", names, values)
            owner, _dots, name = path.rpartition("__")
            if path and made[owner] is not None:
                setattr(made[owner], name, instance)
        result: M = made[""]
        return result

    def _part(
        self, model: type[models.Model], path: str
    ) -> tuple[str, type[models.Model], list[str], int, slice]:
        """Add the columns of one model: its path, its fields, which of them is its key, its place in rows."""
        names = [field.attname for field in model._meta.concrete_fields]
        start = len(self.columns)
        self.columns += [f"{path}__{name}" if path else name for name in names]
        return path, model, names, names.index(model._meta.pk.attname), slice(start, len(self.columns))


def _with_those_on_the_way(paths: Sequence[str]) -> set[str]:
    steps = [path.split("__") for path in paths]
    return {"__".join(parts[: end + 1]) for parts in steps for end in range(len(parts))}


def _model_at(model: type[models.Model], path: str) -> type[models.Model]:
    for name in path.split("__"):
        related: Any = model._meta.get_field(name).related_model
        model = related
    return model
