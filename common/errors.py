"""Describes errors for logs and reports: class and code, never user content, which a message may quote."""

WITHOUT_USER_CONTENT = (
    AttributeError,
    ImportError,
    NameError,
    NotImplementedError,
    RecursionError,
    TypeError,
)
"""Errors whose messages refer to code only and never quote user content."""


def describe(error: BaseException) -> str:
    """The class of an error and details without user content: the SQL state, the constraint, the operating
    system's message."""
    diagnostics = getattr(error, "diag", None)
    details = [
        getattr(error, "sqlstate", None),
        getattr(error, "sqlite_errorname", None),
        getattr(diagnostics, "constraint_name", None),
        getattr(error, "strerror", None),
        str(error) if isinstance(error, WITHOUT_USER_CONTENT) else None,
    ]
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return ": ".join([name, *(str(detail) for detail in details if detail)])
