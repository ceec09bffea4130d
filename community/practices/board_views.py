"""The board of a space: what its people tried, as cards that can be filtered and searched."""

import re
from dataclasses import dataclass
from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from common.moments import moment
from common.paging import page_read, typed
from common.text import clean_line
from community.practices import board_queries
from community.practices.models import Practice
from community.practices.shown import DraftShown, card, choices_of
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Space
from community.spaces.permissions import can_add_practice
from community.spaces.queries import roles_in

FILTER_FROM = 6
"""The board can be filtered when there are more practices than these."""
PLACE_OF_DRAFT = re.compile(rf"{board_queries.PLACES}(\d{{1,18}})/(?:try|edit)/")
MAX_WORDS = 8
"""Of what is searched for."""


@dataclass(frozen=True)
class Chosen:
    """What the reader of a board wants to see, as it stands in the address of the page."""

    subject: str = ""
    phase: str = ""
    q: str = ""
    order: board_queries.Order = "newest"

    @classmethod
    def in_query(cls, request: MemberRequest) -> "Chosen":
        """Of the query string; what is no choice is left out."""
        subject, phase = request.GET.get("subject", ""), request.GET.get("phase", "")
        return cls(
            subject if subject in Practice.Subject else "",
            phase if phase in Practice.Phase else "",
            clean_line(typed(request)),
            "tried" if request.GET.get("order") == "tried" else "newest",
        )

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.subject or self.phase or self.q)

    @property
    def subjects(self) -> list[str]:
        return [self.subject] if self.subject else ["", *Practice.Subject.values]

    @property
    def phases(self) -> list[str]:
        return [self.phase] if self.phase else ["", *Practice.Phase.values]

    @property
    def words(self) -> list[str]:
        return re.findall(r"[^\W_]+", self.q)[:MAX_WORDS]


@require_safe
def practices(request: MemberRequest, pk: int) -> HttpResponse:
    """The board of a space: its practices, those of a subject, a phase or with some words only, the newest or
    the most tried first."""
    space = space_or_404(request, pk)
    chosen, form_path = Chosen.in_query(request), reverse("practice_new", args=[pk])
    page = page_read(request, partial(_board_rows, request, space, chosen, form_path))
    anything = page.object_list or _board_rows(request, space, Chosen(), form_path, 1, 1)
    drafts = anything[0].drafts if anything else board_queries.drafts_of(request.user, form_path)
    roles = roles_in(space)
    shown = [card(row, roles) for row in page.object_list]
    context = {
        "space": space,
        "page": page,
        "practices": tuple(shown),
        "drafts": _shown_drafts(request, space, drafts, form_path),
        "chosen": chosen,
        "choices": choices_of(anything[0].kinds) if anything else None,
        "can_be_filtered": bool(chosen) or page.paginator.count > FILTER_FROM,
        "can_add": can_add_practice(request.user, space),
        "anything_new": any(practice.is_new for practice in shown),
    }
    return render(request, "practices/practice_list.html", context)


def _board_rows(
    request: MemberRequest, space: Space, chosen: Chosen, form_path: str, first: int, last: int
) -> list[board_queries.PracticeRow]:
    kinds = chosen.subjects, chosen.phases
    if words := chosen.words:
        return board_queries.practices_found(
            request.user, space, *kinds, words, form_path, first, last, chosen.order
        )
    return board_queries.practices(request.user, space.pk, *kinds, form_path, first, last, order=chosen.order)


def _shown_drafts(
    request: MemberRequest, space: Space, drafts: list[board_queries.DraftRow], form_path: str
) -> list[DraftShown]:
    """The drafts of forms for practices of this space. A try-out begun without a title has that of what it is
    built on."""
    found = {draft.place: PLACE_OF_DRAFT.fullmatch(draft.place) for draft in drafts}
    practices = {place: int(match[1]) for place, match in found.items() if match}
    titles: dict[int, str] = {}
    if practices:
        titles = dict(board_queries.titles_of(request.user, space.pk, list(practices.values())))
    return [
        DraftShown(
            draft.place, draft.title or titles.get(practices.get(draft.place, 0), ""), moment(draft.saved_at)
        )
        for draft in drafts
        if draft.place == form_path or practices.get(draft.place) in titles
    ]
