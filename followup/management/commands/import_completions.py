"""`manage.py import_completions FILE --run ID [--dry-run]`: a list of completions from the shell."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.access import SYSTEM
from common.dates import day_in_words
from followup.completions import actions
from followup.completions.preview import Preview, preview
from followup.courses.models import CompletionBatch, Run
from followup.lists.encodings import UnreadableError
from followup.lists.parser import Listing, parse
from followup.lists.reasons import file_of_refused, why_unreadable


class Command(BaseCommand):
    """Applies good rows; reports refused ones by line and reason, and can write them to a file to correct."""

    help = "Bring in who completed a course group. Loading the same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="a CSV or XLSX file; docs/completions.md says what may be in it"
        )
        parser.add_argument("--run", type=int, required=True, help="number of the course group")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and do nothing")
        parser.add_argument("--refused", type=Path, help="where to write the refused rows")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        run = Run.objects.select_related("course__institute").filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no course group {options['run']}.")
        try:
            raw = file.read_bytes()
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from problem
        listing = self.parse(run, raw)
        with transaction.atomic():
            source = CompletionBatch.Source.COMMAND
            batch = actions.store(listing, run=run, by=SYSTEM, source=source, file_name=file.name)
            found = preview(batch)
            if options["dry_run"]:
                transaction.set_rollback(True)
        self.report(run, found, options["dry_run"])
        if not options["dry_run"]:
            self.apply(batch)
        if options["refused"] and found.refused:
            rows = [(reason, row.cells) for row, reason in found.refused]
            options["refused"].write_text(file_of_refused(batch.header, rows), encoding="utf-8", newline="")
            self.stdout.write(f"The refused rows are in {options['refused']}.")

    def parse(self, run: Run, raw: bytes) -> Listing:
        """The rows of the file."""
        try:
            return parse(raw, days=actions.days_of(run), language=run.course.institute.language)
        except UnreadableError as problem:
            raise CommandError(why_unreadable(problem.code, problem.about)) from problem

    def report(self, run: Run, found: Preview, dry: bool) -> None:
        """Print what happens to each row and to the month."""
        for heading, role in found.columns:
            self.stdout.write(f"column “{heading}”: {role}")
        if found.is_month_first:
            self.stdout.write("the month stands first in the dates: 11/21/2026 is 2026-11-21")
        for written, taken in found.turned:
            self.stdout.write(f"name turned: “{written}” to “{taken}”")
        for name in found.left:
            self.stdout.write(f"name left as it is written, surname first or not: “{name}”")
        for row, reason in found.refused:
            self.stdout.write(f"line {row.line}: refused. {reason}")
        for row in found.already:
            self.stdout.write(f"line {row.line}: already there. {row.address}")
        for row in found.new:
            self.stdout.write(f"line {row.line}: added. {row.address}")
        counts = f"{len(found.new)} added, {len(found.already)} already there, {len(found.refused)} refused."
        self.stdout.write(f"{run}: {counts}" + (" This was only a look; nothing has changed." if dry else ""))
        if found.new and found.last_day:
            opens = "opens now" if found.opens else "is open"
            self.stdout.write(f"The month {opens} and ends on {day_in_words(found.last_day)}.")

    def apply(self, batch: CompletionBatch) -> None:
        """Apply the batch. If this process is killed, the jobs finish it."""
        actions.apply(batch=batch, by=SYSTEM, seconds=None)
        batch.refresh_from_db()
        self.stdout.write(f"Rows gone through: {batch.rows_done} of {batch.rows_total}.")
