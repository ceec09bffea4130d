"""A month gives a person what is theirs, and lets go of it."""

import datetime as dt

from common import privacy
from followup.months import actions
from followup.months.models import Extension, StepTold
from followup.months.privacy import FIELDS, erase, export_for
from tests.cast import Cast


def test_the_sentences_of_a_person_go_along_and_can_be_erased(cast: Cast) -> None:
    actions.tell_step(
        month=cast.month, user=cast.participant, step="tried", sentence="An exit ticket.", trainer_only=True
    )
    told = export_for(cast.participant)["steps_told"]
    assert [one["sentence"] for one in told] == ["An exit ticket."]
    assert export_for(cast.another_participant)["steps_told"] == []
    erase(cast.participant)
    assert not StepTold.objects.exists()


def test_an_extension_stays_when_who_made_it_is_forgotten(cast: Cast) -> None:
    last_day = cast.space.last_day + dt.timedelta(days=7)
    actions.extend(month=cast.month, last_day=last_day, reason="More", stays=True, by=cast.trainer)
    assert export_for(cast.trainer)["extensions"][0]["reason"] == "More"
    erase(cast.trainer)
    extension = Extension.objects.get()
    assert (extension.extended_by, extension.answered_by, extension.reason) == (None, None, "More")


def test_every_relation_of_a_month_to_a_person_is_answered_for() -> None:
    assert set(FIELDS) <= privacy.covered()
