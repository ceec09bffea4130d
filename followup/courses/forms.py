"""Forms of courses and course groups."""

from typing import Any, NamedTuple, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.addresses import AddressField
from common.days import DayField
from common.fields import MAX_NUMBER, LineField, NameField, TextField
from community.institutes.models import Institute
from community.spaces.forms import WritingForm
from followup.courses.models import Course, Module, Run, WeeklyPrompt
from followup.lists.encodings import UnreadableError
from followup.lists.naming import clean_name
from followup.lists.parser import parse_pasted
from followup.lists.reasons import reason_in_words, why_unreadable

EMPTY_ROWS = 3
MAX_PEOPLE = 500
"""People that a pasted list may have."""


class FieldGroup(NamedTuple):
    """Fields that stand together under a title."""

    title: str
    fields: list[forms.BoundField]


class CourseForm(forms.ModelForm):
    """The fields of a course; its modules and weekly prompts are formsets."""

    GROUPS = (
        (_("The course"), ("institute", "title", "language", "aim", "audience")),
        (_("The follow-up"), ("follow_up_months", "sharing_guide")),
        (_("Accreditation"), ("accrediting_body", "accredited_on", "accreditation_number")),
    )

    sharing_guide = TextField(
        label=_("Sharing guide"),
        help_text=_("How to pass the course on in your own school. A blank line starts a new paragraph."),
        required=False,
        rows=8,
    )
    follow_up_months = forms.IntegerField(
        label=_("Months of follow-up"),
        help_text=_("At least one calendar month."),
        initial=1,
        min_value=1,
        max_value=24,
        error_messages={
            "required": _("A follow-up lasts at least one month."),
            "min_value": _("A follow-up lasts at least one month."),
            "max_value": _("A follow-up lasts at most 24 months."),
        },
    )

    class Meta:
        model = Course
        fields = [
            "institute",
            "title",
            "language",
            "aim",
            "audience",
            "accrediting_body",
            "accredited_on",
            "accreditation_number",
            "follow_up_months",
            "sharing_guide",
        ]
        labels = {
            "institute": _("Institute"),
            "title": _("Title"),
            "language": _("Language"),
            "aim": _("Aim"),
            "audience": _("Who it is for"),
            "accrediting_body": _("Accredited by"),
            "accredited_on": _("Accredited on"),
            "accreditation_number": _("Accreditation number"),
        }
        help_texts = {"aim": _("What people can do after it.")}
        field_classes = {
            "title": LineField,
            "aim": TextField,
            "audience": TextField,
            "accrediting_body": LineField,
            "accredited_on": DayField,
            "accreditation_number": LineField,
        }
        widgets = {
            "aim": forms.Textarea(attrs={"rows": 4}),
            "audience": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, institutes: QuerySet[Institute], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["institute"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = institutes
        if self.instance.pk:
            del self.fields["institute"]
        elif len(institutes) == 1:
            field.widget, field.disabled = forms.HiddenInput(), True
            self.initial["institute"] = institutes[0].pk
            self.initial["language"] = self.initial.get("language") or institutes[0].language

    def groups(self) -> list[FieldGroup]:
        """The fields as they stand together on the page."""
        visible = {field.name: field for field in self.visible_fields()}
        return [
            FieldGroup(str(title), [visible[name] for name in names if name in visible])
            for title, names in self.GROUPS
        ]

    def clear_errors(self) -> None:
        """Drop all errors: the user only asked for more rows."""
        self._errors = ErrorDict()


class Rows(forms.BaseFormSet):
    """A set of rows, each of which carries the primary key of what it edits; empty new ones are ignored."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """Add the primary key, which is how a row is recognized whatever other editors did meanwhile."""
        super().add_fields(form, index)
        form.fields["pk"] = forms.IntegerField(
            required=False, widget=forms.HiddenInput, min_value=1, max_value=MAX_NUMBER
        )

    def rows(self) -> list[dict[str, Any]]:
        """The rows to keep, in their order: their fields, and a `pk` that is None for new ones."""
        return [
            {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
            for form in self.forms
            if (form.has_changed() or form.cleaned_data.get("pk")) and not form.cleaned_data.get("DELETE")
        ]

    def removed(self) -> set[int]:
        """The primary keys of the rows to delete."""
        return {
            form.cleaned_data["pk"]
            for form in self.forms
            if form.cleaned_data.get("pk") and form.cleaned_data.get("DELETE")
        }

    def clear_errors(self) -> None:
        """Drop all errors: the user only asked for more rows."""
        for form in self.forms:
            form._errors = ErrorDict()
        self._errors = [form._errors for form in self.forms]
        self._non_form_errors = ErrorList()


class ModuleForm(forms.ModelForm):
    """One row of the modules."""

    class Meta:
        model = Module
        fields = ["title", "hours"]
        labels = {"title": _("Title"), "hours": _("Hours")}
        field_classes = {"title": LineField}


class WeeklyPromptForm(forms.ModelForm):
    """One row of the weekly prompts."""

    class Meta:
        model = WeeklyPrompt
        fields = ["step", "title", "text"]
        labels = {"step": _("Counts towards the step"), "title": _("Title"), "text": _("What to do")}
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        field_classes = {"title": LineField, "text": TextField}


class RunForm(forms.ModelForm, WritingForm):
    """When and where a course group meets."""

    class Meta:
        model = Run
        fields = ["starts_on", "ends_on", "place", "label"]
        labels = {
            "starts_on": _("First day"),
            "ends_on": _("Last day"),
            "place": _("Place"),
            "label": _("Name of the group"),
        }
        help_texts = {"label": _("If the course has several groups: what you call this one.")}
        field_classes = {
            "starts_on": DayField,
            "ends_on": DayField,
            "place": LineField,
            "label": LineField,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day can’t be before the first."))
        return cleaned

    def fields_to_save(self) -> dict[str, Any]:
        """The validated fields."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class PersonForm(forms.Form):
    """A person to add, by name and address."""

    name = NameField(label=_("Name"), max_length=120)
    address = AddressField(label=_("Email address"))

    def clean_name(self) -> str:
        """The name without the marks of a list that it was copied from."""
        name: str = self.cleaned_data["name"]
        return clean_name(name) or name


class CorrectAddressForm(forms.Form):
    """Another address for somebody who has not joined yet."""

    address = AddressField(label=_("Email address"))


class PeopleForm(forms.Form):
    """Several people, pasted from anywhere, one per line."""

    people = TextField(
        label=_("People, one per line"),
        help_text=_(
            "Name and email address, for example: Anna Nagy, anna@school.example. Or rows from a "
            "spreadsheet, with the column names."
        ),
        limit=MAX_PEOPLE * 200,
        strip=False,
    )

    def __init__(self, *args: Any, language: str = "en", **more: Any) -> None:
        super().__init__(*args, **more)
        self.language = language

    def clean_people(self) -> list[tuple[str, str]]:
        """Names with addresses. Raises ValidationError with the number of each line that cannot be read."""
        try:
            listing = parse_pasted(self.cleaned_data["people"], language=self.language)
        except UnreadableError as problem:
            raise ValidationError(why_unreadable(problem.code, problem.about)) from problem
        if len(listing.rows) > MAX_PEOPLE:
            raise ValidationError(
                gettext("At most %(count)s people at once, please.") % {"count": MAX_PEOPLE}
            )
        problems = [
            gettext("Line %(number)s: %(problem)s")
            % {"number": row.line, "problem": reason_in_words(row.reason, row.about)}
            for row in listing.refused
        ]
        if problems:
            raise ValidationError([ValidationError(text) for text in problems])
        return [(row.name, row.address) for row in listing.good]


ModuleRows = cast(
    "type[Rows]",
    forms.formset_factory(
        ModuleForm, formset=Rows, extra=EMPTY_ROWS, can_delete=True, max_num=60, absolute_max=80
    ),
)
WeeklyPromptRows = cast(
    "type[Rows]",
    forms.formset_factory(
        WeeklyPromptForm, formset=Rows, extra=0, can_delete=True, max_num=60, absolute_max=80
    ),
)
