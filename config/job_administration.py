"""The administrator's pages about the jobs: which rows fail and which mails were not sent, since when, and
when they are attempted again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common import clock
from config.named_lookups import NamedLookups
from messaging.jobs.models import Failure
from messaging.notifications import outbox
from messaging.notifications.models import Mail, MailQuerySet


class ReadOnly(NamedLookups):
    """Rows that can be viewed and attempted again, and not changed."""

    list_display_links = None

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The page of one row shows no more than the list."""
        return self.list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FailureAdmin(ReadOnly):
    """The rows that fail."""

    list_display = ("kind", "row_id", "attempts", "first_failed_at", "next_attempt_at", "error")
    list_filter = ("kind",)
    ordering = ("next_attempt_at",)
    actions = ("try_again_now",)

    @admin.action(description=_("Try again now"), permissions=["view"])
    def try_again_now(self, request: HttpRequest, rows: "QuerySet[Failure]") -> None:
        """Have the selected rows attempted in the next round of jobs."""
        count = rows.update(next_attempt_at=clock.now())
        text = ngettext(
            "%(count)s job will be tried again in a few seconds.",
            "%(count)s jobs will be tried again in a few seconds.",
            count,
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


class MailAdmin(ReadOnly):
    """The mails that failed or were given up: to whom and why. Their text is not shown."""

    list_display = ("address", "kind", "created_at", "not_before", "give_up_reason", "last_error")
    list_filter = ("give_up_reason", "kind")
    search_fields = ("address",)
    ordering = ("-created_at",)
    actions = ("send_again_now",)

    def get_queryset(self, request: HttpRequest) -> MailQuerySet:
        """Mails that failed or were given up, without those that were cancelled."""
        cancelled = Mail.GiveUpReason.CANCELLED
        failed = Q(given_up_at__isnull=False) | ~Q(last_error="")
        return Mail.objects.filter(failed, sent_at=None).exclude(give_up_reason=cancelled)

    @admin.action(description=_("Send again now"), permissions=["view"])
    def send_again_now(self, request: HttpRequest, rows: MailQuerySet) -> None:
        """Have the selected mails sent in the next round of jobs."""
        count = outbox.retry(rows)
        text = ngettext(
            "%(count)s email will be sent again in a few seconds.",
            "%(count)s emails will be sent again in a few seconds.",
            count,
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
