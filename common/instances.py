"""Instances of models from the rows of a statement, for lookups whose result is asked for rights or changed.

months = Instances(Month, "space__institute", "course")

@statement(tuple)
def _visible_month(user: "User", month: int) -> QuerySet[Any, Any]:
    return Month.objects.visible_to(user).filter(pk=month).values_list(*months.columns)

months.made_of(row)    # as `select_related("space__institute", "course")` would give it
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class _Part(NamedTuple):
    """The columns of one model: the path to it, its fields, which of them is its key, its place in a row."""

    path: str
    model: type[models.Model]
    names: list[str]
    key: int
    place: slice


class Instances(Generic[M]):
    """A model, and which of its relations come with it."""

    def __init__(self, model: type[M], *related: str) -> None:
        self._model = model
        self._related = related

    @property
    def columns(self) -> list[str]:
        """The names to pass to `values_list`."""
        return [f"{part.path}__{name}" if part.path else name for part in self._parts for name in part.names]

    def made_of(self, row: Sequence[Any]) -> M:
        """The instance with its related ones; a relation without a row is None."""
        made: dict[str, Any] = {}
        for path, model, names, key, place in self._parts:
            values = row[place]
            missing = bool(path) and values[key] is None
            made[path] = instance = None if missing else model.from_db("default", names, values)
            owner, _dots, name = path.rpartition("__")
            if path and made[owner] is not None:
                setattr(made[owner], name, instance)
        result: M = made[""]
        return result

    @cached_property
    def _parts(self) -> list[_Part]:
        # Not before the models are loaded: until then a relation knows only the name of the other.
        parts: list[_Part] = []
        start = 0
        for path in ["", *sorted(_with_those_on_the_way(self._related))]:
            model = _model_at(self._model, path)
            names = [field.attname for field in model._meta.concrete_fields]
            key = names.index(model._meta.pk.attname)
            parts.append(_Part(path, model, names, key, slice(start, start + len(names))))
            start += len(names)
        return parts


def _with_those_on_the_way(paths: Sequence[str]) -> set[str]:
    steps = [path.split("__") for path in paths]
    return {"__".join(parts[: end + 1]) for parts in steps for end in range(len(parts))}


def _model_at(model: type[models.Model], path: str) -> type[models.Model]:
    for name in filter(None, path.split("__")):
        related: Any = model._meta.get_field(name).related_model
        model = related
    return model
