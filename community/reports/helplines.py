"""The numbers that are shown when a child may be in danger, by the country of an institute."""

from dataclasses import dataclass

from community.institutes.models import Institute


@dataclass(frozen=True)
class Helpline:
    """The numbers of a country: `emergency` for danger now, `children` for advice, also to adults."""

    emergency: str
    children: str = ""

    @property
    def call(self) -> str:
        """The helpline for children as a telephone dials it."""
        return self.children.replace(" ", "").replace("-", "")


EUROPE = Helpline("112", "116 111")
"""112: Directive (EU) 2018/1972, article 109. 116 111, child helplines: Commission Decision 2007/116/EC."""
RUSSIA = Helpline("112", "8-800-2000-122")
"""112: Federal Law 488-FZ of 30 December 2020. The single children's helpline, since September 2010, of the
Fund for Support of Children in Difficult Life Situations."""
ELSEWHERE = Helpline("112")
"""Mobile networks lead 112 to the emergency service of the country (3GPP TS 22.101, section 10)."""
BY_COUNTRY = {**dict.fromkeys(["HU", "LT", "PL"], EUROPE), "RU": RUSSIA}
BY_LANGUAGE = {"hu": EUROPE, "lt": EUROPE, "pl": EUROPE, "ru": RUSSIA}
"""For institutes whose country nobody entered."""


def helpline_of(institute: Institute | None) -> Helpline:
    """The numbers to show in the spaces of an institute."""
    if institute is None:
        return ELSEWHERE
    by_language = BY_LANGUAGE.get(institute.language, ELSEWHERE)
    return BY_COUNTRY.get(institute.country.upper(), by_language if not institute.country else ELSEWHERE)
