"""A course group that ended yesterday and whose month is not open, and lists to upload for it."""

import datetime as dt

import pytest

from common import clock
from followup.completions import actions
from followup.courses.models import CompletionBatch, Enrolment, Run, RunTrainer
from tests.cast import ZONE

GOOD = (
    "email,name,completed_on,occupation,language\n"
    "anna@school.test,Anna Nagy,,Teacher,hu\n"
    "bela@school.test,Béla Kis,,,\n"
)


@pytest.fixture
def new_run(cast) -> Run:
    today = clock.today(ZONE)
    run = Run.objects.create(
        course=cast.course,
        starts_on=today - dt.timedelta(days=4),
        ends_on=today - dt.timedelta(days=1),
        place="Pécs",
    )
    RunTrainer.objects.create(run=run, user=cast.trainer)
    return run


@pytest.fixture
def known(cast):
    """Somebody with an account who was in an earlier course group of the institute."""
    day = clock.today(ZONE) - dt.timedelta(days=300)
    earlier = Run.objects.create(course=cast.course, starts_on=day, ends_on=day, place="Győr")
    Enrolment.objects.create(run=earlier, user=cast.stranger)
    return cast.stranger


@pytest.fixture
def uploaded(cast, new_run):
    """`uploaded(text)` stores a list as the coordinator would by uploading it."""

    def upload_it(text: str = GOOD, by=cast.coordinator, run=new_run) -> CompletionBatch:
        return actions.upload(
            run=run, by=by, raw=text.encode(), file_name="list.csv", source=CompletionBatch.Source.FILE
        )

    return upload_it
