"""What lists and pages show of practices, as plain values of which kept pieces are drawn."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext

from common.html import plain
from common.moments import moment
from common.names import NAMELESS, initials
from community.institutes.licence_models import Holder, Licence
from community.practices.models import Practice
from community.spaces.kinds import Role
from messaging.files.shown import ShownFile, picture_url

if TYPE_CHECKING:
    from community.practices.board_queries import KindRow, PracticeRow
    from community.practices.queries import ChainRow

DEEPEST_LEVEL = 3
"""Deeper try-outs of a chain are drawn as far in as these."""
WORDS_OF_DIFFERENCE = 45


class PracticeShown(NamedTuple):
    """A card of the board."""

    pk: int
    title: str
    language: str
    about: str
    """Class and subject in the author's own words, or else phase and subject."""
    is_own_words: bool
    """Whether `about` is in the language of the text."""
    subject: str
    """Whose drawing it has where it has no picture."""
    picture: str
    """The URL of a small one; empty where there is none."""
    width: int
    height: int
    author: str
    badge: str
    is_try_out: bool
    outcome: str
    try_outs: int
    worked: int
    is_new: bool
    published: SafeString | str

    @property
    def initials(self) -> str:
        return initials(self.author)

    @property
    def outcome_label(self) -> str:
        return outcome_label(self.outcome)


class TryOutShown(NamedTuple):
    """A practice of a chain: the first one (`level` 0), or a try-out built on one of those before it."""

    pk: int
    level: int
    title: str
    """Empty where the title was made of that of the practice it builds on."""
    language: str
    about: str
    difference: str
    outcome: str
    author: str
    badge: str
    is_here: bool
    """Whether it is the practice of the page."""
    is_new: bool
    published: SafeString | str

    @property
    def initials(self) -> str:
        return initials(self.author)

    @property
    def outcome_label(self) -> str:
        return outcome_label(self.outcome)


class Fact(NamedTuple):
    """A fact with its label; some are in the language of the text."""

    label: str
    value: str
    is_own_words: bool = False


def has_made_title(title: str, of: str) -> bool:
    """Whether the title of a try-out was made of that of what it builds on."""
    return title.endswith(of)


class DraftShown(NamedTuple):
    """A draft of the reader's, for the board."""

    place: str
    title: str
    saved: SafeString | str


class Choices(NamedTuple):
    """The subjects and phases that the practices of a space have, with their labels."""

    subjects: list[tuple[str, str]]
    phases: list[tuple[str, str]]


def choices_of(kinds: "Iterable[KindRow]") -> Choices:
    """What a board can be filtered by."""
    kinds = list(kinds)
    subjects, phases = {kind.subject for kind in kinds}, {kind.phase for kind in kinds}
    return Choices(
        [(value, str(label)) for value, label in Practice.Subject.choices if value in subjects],
        [(value, str(label)) for value, label in Practice.Phase.choices if value in phases],
    )


def card(row: "PracticeRow", roles: Mapping[int, Role]) -> PracticeShown:
    """What the board shows of a practice."""
    role = roles.get(row.author)
    picture = row.pictures[0] if row.pictures else None
    return PracticeShown(
        pk=row.pk,
        title=row.title,
        language=row.language,
        about=row.setting or _kind(row.phase, row.subject),
        is_own_words=bool(row.setting),
        subject=row.subject or row.origin_subject or Practice.Subject.OTHER,
        picture=picture_url(picture.pk, "small.webp") if picture else "",
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        author=row.name,
        badge=role.badge if role else "",
        is_try_out=row.builds_on is not None,
        outcome=row.outcome,
        try_outs=row.try_outs,
        worked=row.worked,
        is_new=row.is_new,
        published=moment(row.published_at),
    )


def chain(rows: "list[ChainRow]", here: Practice, roles: Mapping[int, Role]) -> list[TryOutShown]:
    """The practices of a chain, each followed by those that build on it, the oldest first. The first one is
    left out on its own page. What builds on one that the reader does not see follows the first."""
    origin = here.origin_id or here.pk
    known = {row.pk: row for row in rows}
    built_on: dict[int, list[ChainRow]] = {}
    for row in rows:
        if row.pk != origin:
            below = row.builds_on if row.builds_on in known else origin
            built_on.setdefault(below or origin, []).append(row)
    shown = [_link(known[origin], known, here, roles, 0)] if origin in known and origin != here.pk else []
    waiting = [(row, 1) for row in reversed(built_on.get(origin, []))]
    while waiting:
        row, level = waiting.pop()
        shown.append(_link(row, known, here, roles, min(level, DEEPEST_LEVEL)))
        waiting += [(each, level + 1) for each in reversed(built_on.get(row.pk, []))]
    return shown


def _link(
    row: "ChainRow", known: "Mapping[int, ChainRow]", here: Practice, roles: Mapping[int, Role], level: int
) -> TryOutShown:
    role = roles.get(row.author)
    below = known.get(row.builds_on or 0)
    is_made = level > 0 and below is not None and has_made_title(row.title, below.title)
    difference = (row.tried_html or row.happened_html) if level else row.happened_html
    return TryOutShown(
        pk=row.pk,
        level=level,
        title="" if is_made else row.title,
        language=row.language,
        about=row.setting or _kind(row.phase, row.subject) or plain(row.context_html, 16),
        difference=plain(difference, WORDS_OF_DIFFERENCE),
        outcome=row.outcome,
        author=row.name,
        badge=role.badge if role else "",
        is_here=row.pk == here.pk,
        is_new=row.is_new,
        published=moment(row.published_at),
    )


def facts_of(practice: Practice) -> list[Fact]:
    """The facts of a practice that are known, in the order of its page."""
    found = [
        Fact(gettext("Setting"), practice.setting, is_own_words=True),
        Fact(pgettext("school", "Subject"), practice.get_subject_display() if practice.subject else ""),
        Fact(gettext("Phase"), practice.get_phase_display() if practice.phase else ""),
        Fact(gettext("Age"), _range(practice.age_from, practice.age_to)),
        Fact(gettext("Class or group size"), str(practice.class_size or "")),
        Fact(gettext("Time needed"), _time(practice.time_needed, practice.time_unit)),
        Fact(gettext("What it needs"), practice.materials, is_own_words=True),
    ]
    return [fact for fact in found if fact.value]


class RightsShown(NamedTuple):
    """Under which licence a practice is, and how it is credited."""

    licence: str
    """The name of a licence of Creative Commons; empty with own terms."""
    deed: str
    """The address of its summary in the reader's language."""
    own_terms: str
    not_for_profit: bool
    permission_first: bool
    holder: str
    """Empty where it is an erased person."""
    credit: str
    """One line to copy: title, author, institute, year, address, licence."""


def rights_of(practice: Practice, url: str) -> RightsShown | None:
    """The licence of a practice with an address; None where its author has chosen none."""
    if not practice.licence or practice.published_at is None:
        return None
    licence, institute = Licence(practice.licence), practice.space.institute
    author = "" if practice.author.name == NAMELESS else practice.author.name
    home = institute.name if institute else ""
    holder = home if practice.rights_holder == Holder.INSTITUTE and home else author
    is_own = licence == Licence.OWN
    words = gettext("terms of use: see there") if is_own else f"{licence.short_name} ({licence.url})"
    source = [
        author,
        home,
        str(practice.published_at.astimezone(ZoneInfo(practice.space.time_zone)).year),
        url,
    ]
    credit = gettext("“%(title)s”") % {"title": practice.title}
    return RightsShown(
        licence="" if is_own else licence.short_name,
        deed="" if is_own else f"{licence.url}deed.{get_language()}",
        own_terms=practice.own_terms,
        not_for_profit=practice.not_for_profit,
        permission_first=practice.permission_first,
        holder=holder,
        credit=f"{', '.join(filter(None, [credit, *source]))} – {words}",
    )


def led_by_picture(files: Iterable[ShownFile]) -> tuple[tuple[ShownFile, ...], tuple[ShownFile, ...]]:
    """The first picture of these files, with which the article begins, and the others."""
    files = list(files)
    lead = next((file for file in files if file.is_picture and not file.is_hidden), None)
    return ((lead,) if lead else (), tuple(file for file in files if file is not lead))


def outcome_label(outcome: str) -> str:
    """How a try-out went, in words; older ones did not say it."""
    return str(Practice.Outcome(outcome).label) if outcome else ""


def _kind(phase: str, subject: str) -> str:
    labels = [str(Practice.Phase(phase).label)] if phase else []
    labels += [str(Practice.Subject(subject).label)] if subject else []
    return " · ".join(labels)


def _range(youngest: int | None, oldest: int | None) -> str:
    known = [str(age) for age in (youngest, oldest) if age is not None]
    return "–".join(dict.fromkeys(known))


def _time(count: int | None, unit: str) -> str:
    if count is None:
        return ""
    if unit == Practice.TimeUnit.LESSONS:
        words = ngettext("%(count)s lesson", "%(count)s lessons", count)
    elif unit == Practice.TimeUnit.WEEKS:
        words = ngettext("%(count)s week", "%(count)s weeks", count)
    else:
        words = ngettext("%(count)s minute", "%(count)s minutes", count)
    return words % {"count": count}
