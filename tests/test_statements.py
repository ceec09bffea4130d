"""Each statement with fixed text gives the rows of its queryset, on both databases."""

import importlib
import itertools
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from common import clock, statements
from tests.statement_values import SHAPES, Values, lay_everything, values_of

MOST_COMBINATIONS = 40


def _import_all() -> None:
    root = Path(settings.BASE_DIR)
    for path in sorted(root.glob("*/**/*.py")):
        if "from common.statements import" in path.read_text(encoding="utf-8") and "tests" not in path.parts:
            importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))


def _statements() -> list[statements.Statement[Any, Any]]:
    _import_all()
    return [each for each in statements.registered if not each.name.startswith("tests.")]


def _shapes(one: statements.Statement[Any, Any]) -> list[dict[str, Any]]:
    hints = typing.get_type_hints(one.queryset, localns={"User": object}) if one.shapes else {}
    choices = {}
    for name in one.shapes:
        if hints[name] is bool:
            choices[name] = [False, True]
        else:
            choices[name] = list(typing.get_args(hints[name])) or SHAPES[name]
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def _rows(rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Rows as plain tuples, also those of one column."""
    return [tuple(row) if isinstance(row, tuple) else (row,) for row in rows]


def _compare(one: statements.Statement[Any, Any], values: Values) -> int:
    """How many rows it found, over all shapes and some combinations of values."""
    found = 0
    combinations = itertools.product(*(values[name] for name in one.values))
    for args in itertools.islice(combinations, MOST_COMBINATIONS):
        for shape in _shapes(one):
            with clock.at(clock.now()):
                wanted = _rows(one.queryset(*args, **shape))
                got = _rows(one(*args, **shape))
            assert sorted(map(repr, got)) == sorted(map(repr, wanted)), (args, shape)
            found += len(got)
    return found


def test_each_gives_the_rows_of_its_queryset_and_none_finds_nothing(cast):
    lay_everything(cast)
    values = values_of(cast)
    nothing = []
    for one in _statements():
        unknown = [name for name in one.values if name not in values]
        assert not unknown, f"{one.name}: add values of {unknown} to tests/statement_values.py"
        if not _compare(one, values):
            nothing.append(one.name)
    assert not nothing, "they found nothing: add rows to tests/statement_values.py"


def test_their_order_is_that_of_the_queryset(cast):
    lay_everything(cast)
    values = values_of(cast)
    for one in _statements():
        for args in itertools.islice(itertools.product(*(values[name] for name in one.values)), 3):
            for shape in _shapes(one):
                queryset = one.queryset(*args, **shape)
                if queryset.ordered:
                    assert _rows(one(*args, **shape)) == _rows(queryset), one.name
