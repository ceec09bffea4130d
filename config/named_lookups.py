"""The base of all pages of the administrator: rows are found by what the page shows, and by nothing else."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class NamedLookups(admin.ModelAdmin):
    """Filters only by the filters of the page.

    Django takes every column of the model in the query string. So a password hash, the code in a mail or the
    time of somebody's last visit could be read letter by letter, by whether a row is listed.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether the query string may filter by this."""
        filters = self.get_list_filter(request)
        suffixes = ("__exact", "__id__exact", "__isnull")
        return lookup in {f"{name}{suffix}" for name in filters for suffix in suffixes}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """The row by its key; an empty `_to_field` in the query string names no field."""
        return super().get_object(request, object_id, from_field or None)
