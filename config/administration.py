"""The admin site, behind our own sign-in: people, institutes and courses. It shows nothing that members
wrote: administrators have no right to read it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.decorators import secure_admin_login
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.access import SYSTEM, Refused
from common.fields import LineField, NameField, TextField
from common.networks import is_proxy_unknown
from community.erasure import actions as erasure
from community.institutes.actions import RESERVED_SLUGS, give_role, remove_staff
from community.institutes.models import Institute, Staff
from community.people.actions import suspend, unsuspend
from community.people.models import User
from community.people.zones import grouped_choices
from config.job_administration import FailureAdmin, MailAdmin
from config.named_lookups import NamedLookups
from followup.courses.models import Course, Module
from messaging.jobs.models import Failure
from messaging.live import publish
from messaging.notifications.models import Mail

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Administration(admin.AdminSite):
    """A site of its own, so that only the models registered below are in it."""

    site_header = "Aftercourse"
    site_title = "Aftercourse"
    index_title = _("People, institutes, courses")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The first page, with a warning when a setting makes everybody seem to be one visitor."""
        if settings.PROXY_FORGOTTEN or is_proxy_unknown(request):
            text = gettext(
                "Requests come through a proxy, but AFTERCOURSE_BEHIND_PROXY is not set. Set it to true: "
                "until then limits on guessing cannot tell visitors apart."
            )
            messages.warning(request, text)
        return super().index(request, extra_context)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Our own page instead, which limits guessing and ends the sockets of other sessions."""
        return redirect("account_change_password")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Refuse users who are not administrators; redirect visitors to sign in."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                return self.login(request)
            return inner(request, *args, **kwargs)

        return cast("View", guarded)


class NoDeletionAdmin(NamedLookups):
    """Rows cannot be deleted, because other rows refer to them. Texts are cleaned as everywhere."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **more: Any) -> Any:
        if not db_field.choices and (form_class := self._form_class_of(db_field)):
            more["form_class"] = form_class
        return super().formfield_for_dbfield(db_field, request, **more)

    @staticmethod
    def _form_class_of(db_field: Field) -> type[forms.Field] | None:
        if db_field.name == "name":
            return NameField
        return {models.CharField: LineField, models.TextField: TextField}.get(type(db_field))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TimeZoneAdmin(NoDeletionAdmin):
    """The time zone is a choice: a wrong name would break every page and job that computes local dates."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **more: Any) -> Any:
        if db_field.name == "time_zone":
            return forms.ChoiceField(label=db_field.verbose_name, choices=grouped_choices, initial="UTC")
        return super().formfield_for_dbfield(db_field, request, **more)


class PersonForm(forms.ModelForm):
    """A user, with the suspension as a checkbox; the action writes the moment."""

    suspended = forms.BooleanField(label=_("suspended"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["suspended"] = not self.instance.is_active


class PersonAdmin(TimeZoneAdmin):
    """Profiles and suspension. Passwords and addresses can be changed by their owners only, and `last_login`
    is shown to nobody."""

    list_display = ("name", "email", "occupation", "language", "joined_at", "suspended_at")
    list_filter = ("is_staff", "is_moderator", "occupation", "language")
    search_fields = ("name", "email")
    fields = (
        "name",
        "preferred_name",
        "email",
        "occupation",
        "language",
        "time_zone",
        "is_moderator",
        "is_staff",
        "is_superuser",
        "suspended",
        "joined_at",
        "erasure_at",
        "erased_at",
    )
    readonly_fields = ("email", "joined_at", "erasure_at", "erased_at")
    form = PersonForm
    actions = ("erase_in_a_week", "keep_accounts")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(
        description=_("Erase in a week, as they asked in writing; we’ll email them"), permissions=["change"]
    )
    def erase_in_a_week(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Have them erased like people who ask on their own page, and say who has to be named first."""
        for person in people.filter(erased_at=None):
            try:
                erasure.ask(user=person, takes_posts=False)
            except Refused as refusal:
                self.message_user(request, f"{person}: {refusal}", messages.ERROR)
            else:
                text = gettext("%(name)s will be erased in a week.") % {"name": person}
                self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Keep the account after all"), permissions=["change"])
    def keep_accounts(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Call off what they or an administrator asked for."""
        for person in people:
            try:
                stays = erasure.keep(user=person)
            except Refused as refusal:
                self.message_user(request, f"{person}: {refusal}", messages.ERROR)
                continue
            if stays:
                text = gettext("%(name)s stays.") % {"name": person}
                self.message_user(request, text, messages.SUCCESS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who is erased stays so: nobody can give them a name or let them in again."""
        erased = obj is not None and obj.erased_at is not None
        return not erased and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data["suspended"] == obj.is_active:
            (unsuspend if obj.suspended_at else suspend)(user=obj)
        publish.rights_changed(obj.pk)  # open sockets know the name and the language


def _best_coordinator(staff: list[Staff]) -> int:
    """2 if a coordinator is among them who has joined, 1 if one who has not, 0 if none is."""
    coordinators = [one for one in staff if one.role == Staff.Role.COORDINATOR and one.user_id]
    return max((2 if one.user.joined_at else 1 for one in coordinators), default=0)


class StaffForms(forms.BaseInlineFormSet):
    """The staff of an institute. As on our own page, the last coordinator stays."""

    def clean(self) -> None:
        super().clean()
        before = [form.instance for form in self.initial_forms]
        after = [form.instance for form in self.forms if form not in self.deleted_forms]
        if _best_coordinator(after) < _best_coordinator(before):
            raise ValidationError(
                gettext(
                    "An institute needs a coordinator. Name another one first, and wait until they have "
                    "joined."
                )
            )


class StaffInline(admin.TabularInline):
    """Roles at an institute: given or removed, never edited in place."""

    model = Staff
    formset = StaffForms
    extra = 0
    autocomplete_fields = ("user",)
    fields = ("user", "role")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class InstituteForm(forms.ModelForm):
    """An institute, under an address that is no other page's."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED_SLUGS:
            raise ValidationError(gettext("Another page has this address."))
        return slug


class InstituteAdmin(TimeZoneAdmin):
    """Institutes with their staff."""

    list_display = ("name", "country", "language", "time_zone")
    search_fields = ("name",)
    form = InstituteForm
    prepopulated_fields = {"slug": ("name",)}
    inlines = (StaffInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Call the actions, so that memberships that come with a role begin and end with it."""
        for staff in formset.save(commit=False):
            give_role(institute=staff.institute, user=staff.user, role=staff.role, by=SYSTEM)
        for staff in formset.deleted_objects:
            remove_staff(staff=staff, by=SYSTEM)


class ModuleInline(admin.TabularInline):
    """The modules of a course, read-only. They are edited on the course's own page."""

    model = Module
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CourseAdmin(NoDeletionAdmin):
    """Courses. The sharing guide is edited on our own page, which renders it."""

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
site.register(Mail, MailAdmin)
