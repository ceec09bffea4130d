"""`manage.py import_completions`."""

import io

import pytest
from django.core.management import CommandError, call_command

from followup.courses.models import CompletionBatch
from followup.lists.parser import parse
from followup.months.models import Month
from tests.followup.completions.conftest import GOOD

BAD = "nope,Cili,,,\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(GOOD + BAD, encoding="utf-8")
    return path


def run_command(*args, **more) -> str:
    out = io.StringIO()
    call_command("import_completions", *args, stdout=out, **more)
    return out.getvalue()


def test_a_dry_run_prints_what_would_happen_and_changes_nothing(file, new_run):
    output = run_command(file, run=new_run.pk, dry_run=True)
    assert "line 4: refused. “nope” isn’t an email address." in output
    assert "line 2: added. anna@school.test" in output
    assert "2 added, 0 already there, 1 refused." in output
    assert not CompletionBatch.objects.exists()
    assert not new_run.enrolments.exists()


def test_the_command_is_idempotent(file, new_run):
    run_command(file, run=new_run.pk)
    assert Month.objects.filter(month_runs__run=new_run).exists()
    assert new_run.enrolments.filter(completed_at__isnull=False).count() == 2
    assert "0 added, 2 already there, 1 refused." in run_command(file, run=new_run.pk)
    assert new_run.enrolments.count() == 2


def test_refused_rows_can_be_written_to_a_file_and_loaded_again(file, new_run, tmp_path):
    refused = tmp_path / "refused.csv"
    run_command(file, run=new_run.pk, refused=refused)
    from followup.completions.actions import days_of

    assert [row.name for row in parse(refused.read_bytes(), days=days_of(new_run)).refused] == ["Cili"]


def test_errors_are_printed_as_sentences(file, new_run, tmp_path):
    with pytest.raises(CommandError, match="no course group"):
        run_command(file, run=0)
    with pytest.raises(CommandError, match="cannot be read"):
        run_command(tmp_path / "missing.csv", run=new_run.pk)
    file.write_text("name\nAnna\n")
    with pytest.raises(CommandError, match="Missing: email"):
        run_command(file, run=new_run.pk)
