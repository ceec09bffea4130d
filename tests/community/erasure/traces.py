"""What the erased person of these tests is called and wrote, and where a text is found again."""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.contrib.sessions.models import Session

NAME, ADDRESS = "Zsófia O'Kvassay", "zsofia.kvassay@iskola.test"
TRACE = "kvassay"
"""In the name and the address, in every spelling of them (HTML, JSON, search text)."""
PUBLIC, PRIVATE = "everybodyreadsit", "nobodyelsereadsit"
"""In what others can read of theirs, and in everything else that they wrote."""


def found_in_the_database(needle: str) -> set[str]:
    """The columns of all tables in which a text occurs, in any case; sessions are decoded."""
    return {column for column, value in values() if needle in value.lower()}


def values() -> Iterator[tuple[str, str]]:
    """Every value in the database, as a text, with its table and column."""
    for model in apps.get_models(include_auto_created=True):
        names = [field.attname for field in model._meta.concrete_fields]
        for row in model._base_manager.values_list(*names):
            yield from (
                (f"{model._meta.label}.{name}", str(each)) for name, each in zip(names, row, strict=True)
            )
    for session in Session.objects.all():
        yield "session", str(session.get_decoded())


def found_in_files(folder: Path, needle: str) -> list[Path]:
    """The files in a folder that contain a text, in their name or their bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if needle in path.name or needle.encode() in path.read_bytes().lower()]
