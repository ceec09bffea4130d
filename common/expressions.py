"""Expressions for querysets."""

from django.db.models import BooleanField, ExpressionWrapper, Q


def is_set(field: str) -> ExpressionWrapper:
    """Whether a nullable field, or one of a relation, has a value."""
    return ExpressionWrapper(Q(**{f"{field}__isnull": False}), output_field=BooleanField())
