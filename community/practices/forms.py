"""The forms of a practice and of a try-out: short at first, the rest in folds that can be left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common.fields import LineField, WritingField
from community.institutes.licence_forms import LicenceForm, check_terms
from community.institutes.licence_models import Holder, Licence
from community.practices.actions import MAX_TITLE_CHARS, PracticeText
from community.practices.models import Practice
from community.spaces.forms import WritingForm, language_field
from messaging.files.forms import AttachingForm
from messaging.files.shown import ShownFile

OLDEST, LARGEST_CLASS, LONGEST_TIME = 120, 2_000, 1_000
Folds = Sequence[tuple[str | Promise, Sequence[str]]]
FACTS = ("subject", "phase", "setting", "age_from", "age_to", "time_needed", "time_unit", "class_size")
RIGHTS = ("licence", "rights_holder", "own_terms", "not_for_profit", "permission_first")


@dataclass(frozen=True)
class Fold:
    """Fields that are folded away until somebody wants to fill them in."""

    summary: str | Promise
    fields: Sequence[BoundField]
    is_open: bool

    @property
    def only(self) -> BoundField | None:
        """The field of a fold that has but one, whose label is the summary."""
        return self.fields[0] if len(self.fields) == 1 else None


class AccountForm(LicenceForm, AttachingForm, WritingForm):
    """What practices and try-outs have in common: the situation, the facts, the licence, and folds."""

    FOLDS: ClassVar[Folds] = ()
    field_order = ("title", "tried", "outcome", "happened", "files")

    context = WritingField(
        label=_("Where and with whom"),
        rows=4,
        required=False,
        help_text=_("What was the situation? What did you want to change?"),
    )
    change = WritingField(
        label=_("What I would change"),
        rows=4,
        required=False,
        help_text=_("What will you do differently next time? What would you tell a colleague?"),
    )
    subject = forms.ChoiceField(
        label=pgettext_lazy("school", "Subject"),
        required=False,
        choices=[("", _("Not chosen")), *Practice.Subject.choices],
    )
    phase = forms.ChoiceField(
        label=_("Phase"), required=False, choices=[("", _("Not chosen")), *Practice.Phase.choices]
    )
    setting = LineField(
        label=_("Setting"),
        max_length=160,
        required=False,
        help_text=_("As you’d say it in your school: “Year 7, biology”, a group, an office."),
    )
    age_from = forms.IntegerField(
        label=pgettext_lazy("age", "Age from"), required=False, min_value=0, max_value=OLDEST
    )
    age_to = forms.IntegerField(
        label=pgettext_lazy("age", "Age to"), required=False, min_value=0, max_value=OLDEST
    )
    class_size = forms.IntegerField(
        label=_("Class or group size"), required=False, min_value=1, max_value=LARGEST_CLASS
    )
    time_needed = forms.IntegerField(
        label=_("Time needed"), required=False, min_value=1, max_value=LONGEST_TIME
    )
    time_unit = forms.ChoiceField(
        label=pgettext_lazy("time", "Unit"), required=False, choices=Practice.TimeUnit.choices
    )
    materials = LineField(
        label=_("What it needs"),
        max_length=200,
        required=False,
        help_text=_("What to have or make beforehand: “cards, one per pair; a timer”."),
    )
    language = language_field()

    def __init__(self, *args: Any, has_institute: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        if not has_institute:
            self.fields["rights_holder"].choices = Holder.choices[:1]  # type: ignore[attr-defined]

    def clean_time_unit(self) -> str:
        """Minutes, unless it is said."""
        return self.cleaned_data["time_unit"] or Practice.TimeUnit.MINUTES

    def clean(self) -> dict[str, Any]:
        """Ages in their order."""
        cleaned = super().clean() or {}
        youngest, oldest = cleaned.get("age_from"), cleaned.get("age_to")
        if youngest is not None and oldest is not None and youngest > oldest:
            self.add_error("age_to", gettext("This age is below the first one."))
        check_terms(self)
        return cleaned

    def text(self) -> PracticeText:
        """The text and the facts, as the actions take them."""
        given = {field.name: self.cleaned_data.get(field.name) for field in fields(PracticeText)}
        return PracticeText(**{name: value for name, value in given.items() if value is not None})

    @property
    def folds(self) -> list[Fold]:
        """What is folded away. Open is what has something in it, or an error."""
        return [
            Fold(summary, [self[name] for name in names], any(map(self._is_filled, names)))
            for summary, names in self.FOLDS
        ]

    @property
    def rights(self) -> Fold:
        """The licence, folded away since there is one already; its summary says which."""
        fields, chosen = [self[name] for name in RIGHTS], self["licence"].value()
        now = Licence(chosen) if chosen in Licence.values else None
        name = gettext("own terms") if now == Licence.OWN else now.short_name if now else ""
        summary = gettext("Who may reuse it, and how?")
        if name:
            summary = gettext("Who may reuse it, and how? (unless you change it: %(licence)s)") % {
                "licence": name
            }
        return Fold(summary, fields, any(field.errors for field in fields))

    def _is_filled(self, name: str) -> bool:
        value = self[name].value()
        return name in self.errors or (name != "time_unit" and value not in (None, ""))


class PracticeForm(AccountForm):
    """A practice: a title and what happened, and what helps a colleague to try it."""

    FOLDS: ClassVar[Folds] = (
        (_("What did you do, step by step?"), ("tried",)),
        (_("Where was it, and with whom?"), ("context",)),
        (_("What would you change?"), ("change",)),
        (_("Who is it for, how long does it take, what does it need?"), (*FACTS, "materials")),
    )

    title = LineField(
        label=_("Title"),
        max_length=MAX_TITLE_CHARS,
        help_text=_("What a colleague would look for, in one line."),
    )
    happened = WritingField(
        label=_("What happened"),
        rows=6,
        help_text=_("What did you try, and what came of it? What surprised you? What failed?"),
    )
    tried = WritingField(
        label=_("What I tried"),
        rows=6,
        required=False,
        help_text=_("So that someone else can do it: what you said, drew or handed out, in order."),
    )


class TryOutForm(AccountForm):
    """A try-out, which begins with what was different."""

    FOLDS: ClassVar[Folds] = (
        (_("Where was it, and with whom?"), ("context",)),
        (_("What would you change next time?"), ("change",)),
        (_("Who was it for, how long did it take, what did it need?"), (*FACTS, "materials")),
        (_("A title of its own"), ("title",)),
    )

    tried = WritingField(
        label=_("What did you change?"),
        rows=3,
        help_text=_("Another age, another subject, one step left out. “Nothing” is an answer too."),
    )
    outcome = forms.ChoiceField(
        label=_("How did it go?"), choices=Practice.Outcome.choices, widget=forms.RadioSelect
    )
    happened = WritingField(
        label=_("What happened"),
        rows=5,
        required=False,
        help_text=_("What did you see and hear? What surprised you? What failed?"),
    )
    title = LineField(
        label=_("Title"),
        max_length=MAX_TITLE_CHARS,
        required=False,
        help_text=_("Without one, it gets the title of what you tried."),
    )


def form_for(*, try_out: bool) -> type[AccountForm]:
    """The form of a try-out, or of a practice of one's own."""
    return TryOutForm if try_out else PracticeForm


def written(practice: Practice, files: Iterable[ShownFile]) -> dict[str, Any]:
    """The initial values of the form for a practice that is edited."""
    text = {
        field.name: practice.sent(field.name)
        if field.name in practice.SOURCES
        else getattr(practice, field.name)
        for field in fields(PracticeText)
    }
    return {**text, "files": [file.key for file in files]}
