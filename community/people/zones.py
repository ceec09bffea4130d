"""Time zones to choose from: those of our countries first, under the name of their city, then all others, as
the reader's language calls them where it has a name for them."""

import functools
from collections import Counter
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import get_timezone_location
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from common.searching import fold

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
"""First words of the names of zones, and what Unicode numbers those parts of the world by."""
OCEANS = ("Atlantic", "Indian", "Pacific")
_usual = {"hu": "Europe/Budapest", "pl": "Europe/Warsaw", "lt": "Europe/Vilnius", "ru": "Europe/Moscow"}


def usual_zone(language: str) -> str:
    """The zone somebody most likely lives in who reads this language and has not told us."""
    return _usual.get(language, "Europe/London")


def city_of(name: str) -> str:
    """What to call a zone in a sentence: by its city."""
    return str(dict(OURS).get(name) or _city(name, _language()))


def grouped_choices(kept: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices for a form, in groups; every zone stands in the list once. The one that is kept already does so
    whatever its name, or a form would change it unseen."""
    near = [(name, str(label)) for name, label in OURS]
    *regions, oceans = _others(_language())
    groups = [(gettext("Near us"), near), *regions, (gettext("Elsewhere"), [("UTC", "UTC"), *oceans[1]])]
    if kept and not any(kept in dict(zones) for _group, zones in groups):
        groups[-1][1].append((kept, kept))
    return groups


def require_zone(name: str) -> None:
    """Raise ValidationError unless this names a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValidationError(_("This is not a time zone.")) from unknown


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _city(name: str, language: str) -> str:
    if "/" not in name:
        return name
    return get_timezone_location(name, locale=language, return_city=True).replace("/", ", ")


@functools.cache
def _others(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups by their names, those in the oceans last."""
    ours = {name for name, _label in OURS}
    groups: dict[str, list[str]] = {region: [] for region in (*REGIONS, "")}
    for name in available_timezones() - ours:
        region, _slash, city = name.partition("/")
        if city and (region in REGIONS or region in OCEANS):
            groups[region if region in REGIONS else ""].append(name)
    called = Locale.parse(language, sep="-").territories
    return [
        (called[REGIONS[region]] if region else "", _in_order(names, language))
        for region, names in groups.items()
    ]


def _in_order(names: list[str], language: str) -> list[tuple[str, str]]:
    """These zones by their cities. Where several have the same, as an old name and a new one, each says its
    own besides."""
    cities = {name: _city(name, language) for name in names}
    many = Counter(cities.values())
    labels = {}
    for name, city in cities.items():
        own = name.partition("/")[2].replace("_", " ").replace("/", ", ")
        labels[name] = f"{city} ({own})" if many[city] > 1 and own != city else city
    return sorted(labels.items(), key=lambda one: (fold(one[1]), one[0]))
