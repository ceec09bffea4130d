"""The people visitors can be, and a true sentence about each, in the visitor's language.

Whether a sentence is true of the seeded demo is asked in `tests/followup/demo/test_seed.py`.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVALUATES = _("Looks at the quality of courses: can read almost everything, writes nothing.")
AWAITS = _("Already in the space, though the completion isn’t confirmed yet.")

BLURBS: dict[str, dict[str, Promise]] = {
    "far-shore-schools": {
        "niamh": _("Has tried something in class and written it up. A live hour is coming."),
        "marta": _("Four questions are waiting, plus one for her alone: will she stay another week?"),
        "aoife": _("Two people still have to be confirmed, and one follow-up ends within a week."),
        "joost": EVALUATES,
        "oskar": AWAITS,
    },
    "oktatasfejleszto-intezet": {
        "nora": _("In the middle of one follow-up, with an older one to look back at."),
        "eva": _("Three questions are waiting; one of them only trainers can read."),
        "ildiko": _("Looks after two course groups: one follow-up is open, one has closed."),
        "gabor": EVALUATES,
    },
    "osrodek-edukacji-i-rozwoju": {
        "asia": _("A librarian whose tablets travel from school to school. A few days are left."),
        "aga": _("In the last days of a follow-up, with one question still waiting."),
        "ela": _("One course group, and its follow-up ends within a week."),
    },
    "ugdymo-pletros-centras": {
        "jolanta": _("Works on one question with a team from school, in the second week."),
        "vida": _("One question is waiting, and someone hasn’t joined yet."),
        "rasa": _("Looks after two courses: one follow-up is open, one has closed."),
    },
    "kubanskij-institut": {
        "svetlana": _("Mentors two young colleagues and has written up what came of it."),
        "oksana": _("Two questions are waiting, and another group is about to finish its course."),
        "larisa": _("A group is about to finish: record who completed, and its follow-up opens."),
        "artem": AWAITS,
    },
    "nevskij-centr": {
        "natalia": _("In the second month of six, with a team from one school."),
        "olga": _("Three questions are waiting; one of them only trainers can read."),
        "irina": _("Looks after a school’s team for six months."),
    },
}
"""By the slug of an institute and the key of a person, in the order in which they are offered."""
