"""What completion lists store about a person can be erased."""

from common import privacy
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
