"""The administrator's page about the jobs: which rows fail, since when, and when they are attempted again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common import clock
from messaging.jobs.models import Failure


class FailureAdmin(admin.ModelAdmin):
    """The rows that fail. Read-only but for the button that attempts them again."""

    list_display = ("kind", "row_id", "attempts", "first_failed_at", "next_attempt_at", "error")
    list_filter = ("kind",)
    list_display_links = None
    ordering = ("next_attempt_at",)
    actions = ("try_again_now",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Failure | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Failure | None = None) -> bool:
        return False

    @admin.action(description=_("Try again now"), permissions=["view"])
    def try_again_now(self, request: HttpRequest, chosen: "QuerySet[Failure]") -> None:
        """Have the chosen rows attempted in the next round of jobs."""
        many = chosen.update(next_attempt_at=clock.now())
        words = ngettext(
            "%(count)s job is tried again in the next seconds.",
            "%(count)s jobs are tried again in the next seconds.",
            many,
        )
        self.message_user(request, words % {"count": many}, messages.SUCCESS)
