"""A short list of completions for visitors who have none: three new people, and a row to be refused."""

from django.utils.translation import pgettext

from followup.demo.fixtures import DOMAIN, Programme

NAMES = {
    "en": ("Ines Albrecht", "Tom Whitlock", "Maja Nordin", "Rory Quinn"),
    "hu": ("Kelemen Panna", "Oravecz Bence", "Tasnádi Lilla", "Vadas Imre"),
    "pl": ("Hanna Wrona", "Igor Malec", "Zofia Kulik", "Jan Bielik"),
    "lt": ("Eglė Rimkutė", "Domas Stonys", "Ugnė Balsytė", "Jonas Girdenis"),
    "ru": ("Дарья Котова", "Пётр Лапин", "Лидия Зуева", "Семён Рябов"),
}
"""Names of nobody, by the language of a programme. The last one is without an address."""
KEYS = ("new-1", "new-2", "new-3")


def sample_for(programme: Programme) -> str:
    """The list as text: its headings in the visitor's language, its people in the programme's."""
    heading = f"{pgettext('column', 'email')};{pgettext('column', 'name')}"
    *new, without_address = NAMES[programme.institute.language]
    rows = [f"{key}@{programme.institute.slug}.{DOMAIN};{name}" for key, name in zip(KEYS, new, strict=True)]
    return "\n".join([heading, *rows, f";{without_address}", ""])
