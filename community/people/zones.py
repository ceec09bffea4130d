"""Time zones to choose from: those of our countries first, under the name of their city, then all others."""

import functools
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

OURS = (
    ("Europe/Budapest", _("Budapest")),
    ("Europe/Warsaw", _("Warsaw")),
    ("Europe/Vilnius", _("Vilnius")),
    ("Europe/Kaliningrad", _("Kaliningrad")),
    ("Europe/Moscow", _("Moscow, Saint Petersburg, Krasnodar")),
    ("Europe/Samara", _("Samara")),
    ("Asia/Yekaterinburg", _("Yekaterinburg")),
    ("Asia/Novosibirsk", _("Novosibirsk")),
    ("Asia/Vladivostok", _("Vladivostok")),
    ("Europe/London", _("London")),
)
REGIONS = ("Europe", "Asia", "Africa", "America", "Atlantic", "Australia", "Indian", "Pacific")
_usual = {"hu": "Europe/Budapest", "pl": "Europe/Warsaw", "lt": "Europe/Vilnius", "ru": "Europe/Moscow"}


def usual_zone(language: str) -> str:
    """The zone somebody most likely lives in who reads this language and has not told us."""
    return _usual.get(language, "Europe/London")


def city_of(name: str) -> str:
    """What to call a zone in a sentence: by its city."""
    return str(dict(OURS).get(name) or name.rpartition("/")[2].replace("_", " "))


def grouped_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices for a form, in groups; every zone stands in the list once."""
    near = [(name, str(label)) for name, label in OURS]
    return [(gettext("Near us"), near), *_others(), (gettext("Elsewhere"), [("UTC", "UTC")])]


def require_zone(name: str) -> None:
    """Raise ValidationError unless this names a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValidationError(_("This is not a time zone.")) from unknown


@functools.cache
def _others() -> list[tuple[str, list[tuple[str, str]]]]:
    ours = {name for name, _label in OURS}
    groups: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(available_timezones() - ours):
        region, _slash, city = name.partition("/")
        if region in groups and city:
            groups[region].append((name, city.replace("_", " ").replace("/", ", ")))
    return [(region, zones) for region, zones in groups.items() if zones]
