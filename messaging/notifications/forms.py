"""How often mail comes, for each scope."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from common import dates
from messaging.notifications import mail_preferences
from messaging.notifications.mail_preferences import Frequency, MailScope


class MailPreferencesForm(forms.Form):
    """One choice per scope; a field is named by its scope."""

    def __init__(
        self, *args: Any, scopes: Iterable[MailScope], frequencies: Mapping[str, str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for each in scopes:
            self.fields[each.scope] = forms.ChoiceField(
                label=each.title,
                help_text=dates.span_in_words(*each.days) if each.days else "",
                choices=Frequency.choices,
                initial=frequencies.get(each.scope, mail_preferences.DEFAULT_FREQUENCY),
                widget=forms.RadioSelect,
            )
