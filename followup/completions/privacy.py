"""What completion lists store about a person, and how it is erased."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from common import privacy
from common.addresses import whole_addresses_in
from common.searching import normalize
from community.people.models import User
from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch
from followup.lists.parser import Listing

FIELDS = (
    "followup.CompletionBatch.made_by",
    "followup.CompletionBatch.undone_by",
    "followup.CompletionEntry.user",
)
SEPARATORS = re.compile(r"[,;\t|]")
LISTS_PER_QUERY = 50


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
    _erase_from_lists(_Wanted(*privacy.addresses_of(user), _words(user.name)))
    CompletionEntry.objects.filter(user=user).delete()
    CompletionBatch.objects.filter(made_by=user).update(made_by=None)
    CompletionBatch.objects.filter(undone_by=user).update(undone_by=None)


@dataclass(frozen=True)
class _Wanted:
    """By what the rows of a person are found."""

    addresses: set[str]
    own: set[str]
    """Those that are nobody else's."""
    name: set[str]

    def is_in(self, cells: Iterable[str]) -> bool:
        """Whether a row is this person's: it has an address of their own, or their name and no address that
        is another's. A row may have been refused because of its address."""
        cells = list(cells)
        found = set[str]().union(*map(whole_addresses_in, cells))
        if found & self.own:
            return True
        return bool(self.name) and self.name <= _words(" ".join(cells)) and found <= self.addresses


def _erase_from_lists(wanted: _Wanted) -> None:
    waiting = CompletionBatch.objects.filter(started_at=None).exclude(source=CompletionBatch.Source.BUTTON)
    for batch in waiting.iterator(chunk_size=LISTS_PER_QUERY):
        if batch.content.startswith("{"):
            _erase_from_waiting(batch, wanted)
        elif any(wanted.is_in(SEPARATORS.split(line)) for line in batch.content.splitlines()):
            # A list that was stored by a former release, as its text.
            batch.delete()
    for batch in CompletionBatch.objects.exclude(refused=[]).iterator(chunk_size=LISTS_PER_QUERY):
        remaining = [row for row in batch.refused if not wanted.is_in(row["cells"])]
        if len(remaining) != len(batch.refused):
            CompletionBatch.objects.filter(pk=batch.pk).update(refused=remaining)


def _erase_from_waiting(batch: CompletionBatch, wanted: _Wanted) -> None:
    listing = Listing.from_json(json.loads(batch.content))
    before = len(listing.rows)
    listing.rows = [
        row for row in listing.rows if not wanted.is_in([row.address, row.name, row.about, *row.cells])
    ]
    if before != len(listing.rows):
        # Unless somebody has just said: apply it.
        CompletionBatch.objects.filter(pk=batch.pk, started_at=None).update(
            content=json.dumps(listing.to_json(), ensure_ascii=False), rows_total=len(listing.rows)
        )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", normalize(text)))
