"""What completion lists store about a person, and how it is erased."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from common import privacy
from common.addresses import readable_address
from common.searching import normalize
from community.people.models import User
from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch

FIELDS = (
    "followup.CompletionBatch.made_by",
    "followup.CompletionBatch.undone_by",
    "followup.CompletionEntry.user",
)
SEPARATORS = re.compile(r"[,;\t|]")


def register() -> None:
    """Register export and erasure for completion lists."""
    privacy.register("completions", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The lists that this user uploaded; their own completions are exported with their enrolments."""
    batches = CompletionBatch.objects.filter(made_by=user).select_related("run__course").order_by("pk")
    return {
        "lists": [{"course": batch.run.course.title, "on": batch.made_at.isoformat()} for batch in batches]
    }


@transaction.atomic
def erase(user: User) -> None:
    """Remove the person from lists and batches.

    Must run while the name and the address are still known, so that rows with them are found.
    """
    addresses = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)} - {""}
    spellings = {spelling for address in addresses for spelling in (address, readable_address(address))}
    _erase_from_lists({spelling.lower() for spelling in spellings}, _words(user.name))
    CompletionEntry.objects.filter(user=user).delete()
    CompletionBatch.objects.filter(made_by=user).update(made_by=None)
    CompletionBatch.objects.filter(undone_by=user).update(undone_by=None)


def _erase_from_lists(addresses: set[str], name: set[str]) -> None:
    by_hand = CompletionBatch.Source.BUTTON
    for batch in CompletionBatch.objects.filter(started_at=None).exclude(source=by_hand):
        if any(_is_about(SEPARATORS.split(line), addresses, name) for line in batch.content.splitlines()):
            batch.delete()
    for batch in CompletionBatch.objects.exclude(refused=[]):
        remaining = [row for row in batch.refused if not _is_about(row["cells"], addresses, name)]
        if len(remaining) != len(batch.refused):
            CompletionBatch.objects.filter(pk=batch.pk).update(refused=remaining)


def _is_about(cells: list[str], addresses: set[str], name: set[str]) -> bool:
    """Whether a refused row is this person's: it has an address of theirs, or their name and no address that
    is another's. A row may have been refused because of its address."""
    if any(address in cell.lower() for address in addresses for cell in cells):
        return True
    return bool(name) and name <= _words(" ".join(cells)) and not any(map(_is_address, cells))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", normalize(text)))


def _is_address(cell: str) -> bool:
    try:
        validate_email(cell.strip())
    except ValidationError:
        return False
    return True
