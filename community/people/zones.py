"""Choices of time zones: those of our countries first, by city, then all others by country and city, as they
are called in the reader's language."""

import functools
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from common.collation import name_key

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
REGIONS = {"Europe": "150", "Asia": "142", "Africa": "002", "America": "019", "Australia": "AU"}
"""The first part of a zone's name, and the CLDR territory code of that region."""
OCEANS = ("Atlantic", "Indian", "Pacific")
UNKNOWN_ZONE = "UTC"
"""The zone of users whom no institute has listed, until they join."""
_default = {"hu": "Europe/Budapest", "pl": "Europe/Warsaw", "lt": "Europe/Vilnius", "ru": "Europe/Moscow"}


def default_zone(language: str) -> str:
    """The most likely time zone of a user of this language."""
    return _default.get(language, "Europe/London")


def city_of(name: str) -> str:
    """The name of a zone in a sentence: its city."""
    return str(dict(OURS).get(name) or _city(name, _language()))


def grouped_choices(stored: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices for a form, in groups, each zone once. The stored zone is always among them; otherwise saving
    the form would change it."""
    near = [(name, str(label)) for name, label in OURS]
    *regions, oceans = _others(_language())
    groups = [(gettext("Near us"), near), *regions, (gettext("Elsewhere"), [("UTC", "UTC"), *oceans[1]])]
    if stored and not any(stored in dict(zones) for _group, zones in groups):
        groups[-1][1].append((stored, stored))
    return groups


def require_zone(name: str) -> None:
    """Raise ValidationError unless this names a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValidationError(_("This isn’t a time zone.")) from unknown


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _city(name: str, language: str) -> str:
    if "/" not in name:
        return name
    return get_timezone_location(name, locale=language, return_city=True).replace("/", ", ")


@functools.cache
def _others(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups by localized names; zones in oceans last. Further names of a zone are left out."""
    ours = {name for name, _label in OURS}
    groups: dict[str, list[str]] = {region: [] for region in (*REGIONS, "")}
    for name in available_timezones() - ours - get_global("zone_aliases").keys():
        region, _slash, city = name.partition("/")
        if city and (region in REGIONS or region in OCEANS):
            groups[region if region in REGIONS else ""].append(name)
    territory_names = Locale.parse(language, sep="-").territories
    return [
        (territory_names[REGIONS[region]] if region else "", _in_order(names, language))
        for region, names in groups.items()
    ]


def _country_and_city(name: str, language: str) -> str:
    """ "Austria, Vienna", or once where both have one name."""
    country = Locale.parse(language, sep="-").territories.get(get_global("zone_territories").get(name, ""))
    city = _city(name, language)
    return f"{country}, {city}" if country and country != city else city


def _in_order(names: list[str], language: str) -> list[tuple[str, str]]:
    labels = ((name, _country_and_city(name, language)) for name in names)
    return sorted(labels, key=lambda choice: (name_key(choice[1], language), choice[0]))
