"""The public courses, as they are found and in which order they are shown."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.db.models import Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.text import capfirst
from django.utils.translation import get_language

from common import clock
from common.collation import name_key, sorted_by_name
from followup.courses.models import Course, Module


class PublicCourse(NamedTuple):
    """What a public course is found and sorted by; the texts that are searched are the last two."""

    pk: int
    language: str
    institute_slug: str
    title: str
    institute: str


TEXTS_FROM = 3
"""The first column that is searched."""


class LanguageChoice(NamedTuple):
    """A language with the number of courses in it."""

    code: str
    name: str
    number: int


class InstituteChoice(NamedTuple):
    """An institute that has public courses."""

    slug: str
    name: str


class InstituteCourses(NamedTuple):
    """Courses of an institute in one language."""

    institute: str
    courses: list[Course]


class LanguageCourses(NamedTuple):
    """Courses in a language, by institute."""

    code: str
    name: str
    institutes: list[InstituteCourses]


def public_courses() -> list[PublicCourse]:
    """All public courses: those in the reader's language first, then by language, institute and title."""
    columns = ("pk", "language", "institute__slug", "title", "institute__name")
    rows = [PublicCourse(*row) for row in Course.objects.public().order_by("pk").values_list(*columns)]
    own = get_language() or settings.LANGUAGE_CODE
    rank = {code: (code != own, name_key(name, own)) for code, name in _names().items()}
    return sorted(
        rows, key=lambda row: (rank[row.language], name_key(row.institute, own), name_key(row.title, own))
    )


def languages_of(rows: Iterable[PublicCourse]) -> list[LanguageChoice]:
    """The languages of these courses, in their order."""
    names = _names()
    return [LanguageChoice(code, names[code], n) for code, n in Counter(row.language for row in rows).items()]


def institutes_of(rows: Iterable[PublicCourse]) -> list[InstituteChoice]:
    """The institutes of these courses, by name."""
    found = {InstituteChoice(row.institute_slug, row.institute) for row in rows}
    return sorted_by_name(sorted(found), lambda institute: institute.name)


def courses_of(rows: Iterable[PublicCourse]) -> list[Course]:
    """These courses with their institute, their `hours` and the first day of their next group, `next_on`.
    One query."""
    hours = Module.objects.filter(course=OuterRef("pk")).order_by().values("course")
    found: QuerySet[Course] = Course.objects.select_related("institute").annotate(
        hours=Subquery(hours.annotate(sum=Sum("hours")).values("sum")),
        next_on=Min("runs__starts_on", filter=Q(runs__starts_on__gte=clock.now().date())),
    )
    pks = [row.pk for row in rows]
    by_pk = found.in_bulk(pks)
    return [by_pk[pk] for pk in pks if pk in by_pk]


def grouped(courses: Iterable[Course]) -> list[LanguageCourses]:
    """Courses in the order of `public_courses`, under their language and institute."""
    names = _names()
    return [
        LanguageCourses(
            code,
            names[code],
            [
                InstituteCourses(group[0].institute.name, group)
                for group in (list(each) for _pk, each in groupby(among, lambda course: course.institute_id))
            ],
        )
        for code, among in groupby(courses, lambda course: course.language)
    ]


def _names() -> dict[str, str]:
    """The names of our languages in the active one, as they begin a line."""
    return {code: capfirst(str(name)) for code, name in settings.LANGUAGES}
