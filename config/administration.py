"""The administrator's pages, behind our own sign-in: people, institutes and courses. Nothing that members
wrote is in here; whoever runs an installation does not read along."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from community.institutes.models import Institute, Staff
from community.people.models import User
from community.people.zones import grouped_choices
from config.job_administration import FailureAdmin
from followup.courses.models import Course, Module
from messaging.jobs.models import Failure
from messaging.live import publish

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Administration(admin.AdminSite):
    """Only what is registered below; apps cannot add to it by themselves."""

    site_header = "Aftercourse"
    site_title = "Aftercourse"
    index_title = _("People, institutes, courses")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Refuse who does not run the installation at once; visitors are sent to sign in and back."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                return self.login(request)
            return inner(request, *args, **kwargs)

        return cast("View", guarded)


class NothingDeleted(admin.ModelAdmin):
    """Rows that others stand on are not thrown away from a list."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class InAZone(NothingDeleted):
    """Rows with a time zone. It is chosen: one mistyped would break every page and job that asks what day it
    is there."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **more: Any) -> Any:
        if db_field.name == "time_zone":
            return forms.ChoiceField(label=db_field.verbose_name, choices=grouped_choices, initial="UTC")
        return super().formfield_for_dbfield(db_field, request, **more)


class PersonAdmin(InAZone):
    """Who people are and whether they may come in; passwords and addresses are their own. When somebody was
    here last is not shown to anybody."""

    list_display = ("name", "email", "occupation", "language", "joined_at", "suspended_at")
    list_filter = ("is_staff", "is_moderator", "occupation", "language")
    search_fields = ("name", "email")
    fields = (
        "name",
        "email",
        "occupation",
        "language",
        "time_zone",
        "is_moderator",
        "is_staff",
        "is_superuser",
        "suspended_at",
        "joined_at",
    )
    readonly_fields = ("email", "joined_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # Open sockets know who somebody is, and tickets let in who was suspended since.
        (publish.signed_out if obj.suspended_at else publish.rights_changed)(obj.pk)


class StaffInline(admin.TabularInline):
    """Who works at an institute, and as what."""

    model = Staff
    extra = 0
    autocomplete_fields = ("user",)
    fields = ("user", "role")


class InstituteAdmin(InAZone):
    """Institutes with their staff."""

    list_display = ("name", "country", "language", "time_zone")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (StaffInline,)


class ModuleInline(admin.TabularInline):
    """The modules of a course."""

    model = Module
    extra = 0


class CourseAdmin(NothingDeleted):
    """Courses with their modules. Their guide for sharing is written on our own page, which renders it."""

    exclude = ("sharing_guide", "published_by")
    list_display = ("title", "institute", "language")
    list_filter = ("institute", "language")
    search_fields = ("title",)
    inlines = (ModuleInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("institute")


site = Administration(name="admin")
site.login = secure_admin_login(site.login)  # type: ignore[method-assign]
site.register(User, PersonAdmin)
site.register(Institute, InstituteAdmin)
site.register(Course, CourseAdmin)
site.register(Failure, FailureAdmin)
