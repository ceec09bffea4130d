"""How often mail comes, for each place."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from messaging.notifications import pace


class PacesForm(forms.Form):
    """One choice for each place; a field is named by its scope."""

    def __init__(
        self, *args: Any, places: Iterable[pace.Place], chosen: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        for place in places:
            self.fields[place.scope] = forms.ChoiceField(
                label=place.title,
                choices=pace.Pace.choices,
                initial=chosen.get(place.scope, pace.USUAL),
                widget=forms.RadioSelect,
            )
