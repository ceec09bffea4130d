"""What a month stores about a person is exported and can be erased."""

import datetime as dt

from common import privacy
from followup.months import actions
from followup.months.models import Extension
from followup.months.privacy import FIELDS, erase, export_for
from tests.cast import Cast


def test_an_extension_stays_when_its_author_is_erased(cast: Cast) -> None:
    last_day = cast.space.last_day + dt.timedelta(days=7)
    actions.extend(month=cast.month, last_day=last_day, reason="More", stays=True, by=cast.trainer)
    assert export_for(cast.trainer)["extensions"][0]["reason"] == "More"
    erase(cast.trainer)
    extension = Extension.objects.get()
    assert (extension.extended_by, extension.answered_by, extension.reason) == (None, None, "More")


def test_every_relation_of_a_month_to_a_person_is_registered() -> None:
    assert set(FIELDS) <= privacy.covered()
