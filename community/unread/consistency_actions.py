"""Compares kept counts with what is counted now, and has those that differ counted again."""

from collections import defaultdict
from dataclasses import dataclass

from community.people.models import User
from community.spaces.models import Space
from community.unread.actions import advance_own
from community.unread.models import Unread
from community.unread.queries import NewPosts, counted_in, kept_in


@dataclass(frozen=True)
class Difference:
    """A count that is kept as valid and is wrong."""

    user: User
    kept: NewPosts
    counted: NewPosts

    def __str__(self) -> str:
        return f"person {self.user.pk}: kept {self.kept}, counted {self.counted}"


def find_differences() -> list[Difference]:
    """The kept counts that are wrong; those that are out of date are not, nor those of spaces that the reader
    does not see at present: they are right again when they do."""
    spaces: dict[int, list[int]] = defaultdict(list)
    for reader, space in Unread.objects.order_by("user", "space").values_list("user", "space").iterator():
        spaces[reader].append(space)
    found = []
    for user in User.objects.filter(pk__in=spaces).order_by("pk").iterator():
        visible = Space.objects.visible_to(user).filter(pk__among=spaces[user.pk])
        seen = list(visible.order_by("pk").values_list("pk", flat=True))
        counted = {row.space: row for row in counted_in(user, seen)}
        for row in kept_in(user, seen):
            kept = NewPosts(row.space, row.threads, row.practices)
            if row.is_kept and kept != counted[row.space]:
                found.append(Difference(user, kept, counted[row.space]))
    return found


def repair() -> list[Difference]:
    """Have the counts that are wrong counted again. Returns what was found."""
    found = find_differences()
    for difference in found:
        advance_own(difference.user, difference.kept.space)
    return found
