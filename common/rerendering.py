"""Renders stored texts anew, after a change of what `common.html` makes of them. For migrations."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Model, QuerySet

from common import html

ROWS_PER_BATCH = 500


def rerender(rows: "QuerySet[Model]", columns: Mapping[str, str]) -> int:
    """Write the HTML of these rows anew where it differs; returns how many rows changed.

    `columns` maps a column of typed text to the one of its HTML. In batches, each in a transaction of its own
    in which nothing is rendered. A row whose text changes meanwhile is left alone, since it is rendered then.
    """
    changed = 0
    last = 0
    while True:
        values = rows.filter(pk__gt=last).order_by("pk").values("pk", *columns, *columns.values())
        batch = list(values[:ROWS_PER_BATCH])
        if not batch:
            return changed
        last = batch[-1]["pk"]
        updates = []
        for row in batch:
            rendered = {shown: html.render(row[typed]) for typed, shown in columns.items()}
            if any(row[shown] != text for shown, text in rendered.items()):
                updates.append(({typed: row[typed] for typed in columns}, row["pk"], rendered))
        with transaction.atomic():
            for texts, pk, rendered in updates:
                changed += rows.filter(pk=pk, **texts).update(**rendered)
