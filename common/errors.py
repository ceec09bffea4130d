"""An error as it may be logged, stored and shown: its class and code, never a value that somebody wrote."""

QUOTING_NO_VALUES = (AttributeError, ImportError, NameError, NotImplementedError, RecursionError, TypeError)
"""Errors whose message names code and not what people wrote."""


def describe(error: BaseException) -> str:
    """The class of an error and what identifies nobody: a database's code and constraint, a
    system's message."""
    diagnostics = getattr(error, "diag", None)
    known = [
        getattr(error, "sqlstate", None),
        getattr(error, "sqlite_errorname", None),
        getattr(diagnostics, "constraint_name", None),
        getattr(error, "strerror", None),
        str(error) if isinstance(error, QUOTING_NO_VALUES) else None,
    ]
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return ": ".join([name, *(str(each) for each in known if each)])
