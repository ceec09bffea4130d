"""Who gets what of institutes."""

from tests.access import Row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
]
