"""What completion lists store about a person can be erased."""

import pytest

from common import privacy
from community.people.models import User
from followup.completions.actions import listing_of
from followup.courses.models import CompletionBatch


def test_a_person_is_erased_from_refused_rows_and_from_the_batches_they_made(cast):
    refused = [
        {"line": 2, "reason": "no-date", "about": "x", "cells": [cast.trainer.email, "T", "x"]},
        {"line": 3, "reason": "no-date", "about": "x", "cells": ["other@x.test", "T", "x"]},
    ]
    batch = CompletionBatch.objects.create(
        run=cast.run, source="file", started_at=cast.run.completed_at, refused=refused, made_by=cast.trainer
    )
    assert len(privacy.export_for(cast.trainer)["completions"]["lists"]) == 1
    privacy.erase(cast.trainer)
    batch.refresh_from_db()
    assert [row["line"] for row in batch.refused] == [3]
    assert batch.made_by is None


@pytest.fixture
def anna(cast):
    """Somebody whose name and address stand in lists, and whose contact address is shared."""
    anna = User.objects.create_user("Anna Nagy", "nagy@school.test")
    anna.emailaddress_set.create(email="anna@school.test")
    User.objects.filter(pk=anna.pk).update(email="office@school.test")
    User.objects.filter(pk=cast.stranger.pk).update(email="office@school.test")
    return User.objects.get(pk=anna.pk)


def test_of_a_list_that_waits_only_the_rows_of_the_erased_go(anna, uploaded):
    batch = uploaded(
        "email,name,completed_on\n"
        "anna@school.test,Anna Nagy,\n"
        "marianna@school.test,Mari Anna Nagy,\n"
        "office@school.test,Olga Office,\n"
        "no address,Nagy Anna,\n"
        "bela@school.test,Béla Kis,\n"
    )
    other = uploaded("email,name\nbela@school.test,Béla Nagy\nkis@school.test,Anna Kis\n")
    privacy.erase(anna)
    batch.refresh_from_db()
    left = [row.address for row in listing_of(batch).rows]
    assert left == ["marianna@school.test", "office@school.test", "bela@school.test"]
    assert batch.rows_total == len(left)
    assert "anna nagy" not in batch.content.lower().replace("mari anna nagy", "")
    content = other.content
    other.refresh_from_db()
    assert other.content == content


def test_rows_that_were_refused_stay_if_the_address_is_longer_or_shared(anna, cast):
    cells = [
        ["anna@school.test", "A."],
        ["marianna@school.test", "Anna Nagy"],
        ["anna@school.test.example", "A."],
        ["office@school.test", "Olga Office"],
        ["office@school.test", "Anna Nagy"],
    ]
    refused = [
        {"line": number, "reason": "other", "about": "", "cells": row} for number, row in enumerate(cells)
    ]
    batch = CompletionBatch.objects.create(run=cast.run, source="file", refused=refused)
    privacy.erase(anna)
    batch.refresh_from_db()
    assert [row["line"] for row in batch.refused] == [1, 2, 3]
