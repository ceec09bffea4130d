"""Two pages for whoever watches over an installation: is it up, and can it work?"""

import datetime as dt
import logging
import time

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.log import log_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import clock
from messaging.jobs import loop
from messaging.jobs.models import Pulse

PATIENCE = dt.timedelta(seconds=90)
"""How long nobody may have gone through what is due before the jobs count as dead."""
STARTED = time.monotonic()
"""When this process began."""

_is_migrated = False
logger = logging.getLogger("aftercourse.health")


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The server answers. It asks nobody else, so it says nothing about the database."""
    return HttpResponse("up\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether work can be done here: 200, or 503 with the names of what is missing and nothing more."""
    missing = _missing()
    response = JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)
    if missing == ["jobs"] and time.monotonic() - STARTED < PATIENCE.total_seconds():
        # Whoever starts us waits for this answer; Django would call every 503 an error.
        words = "Not ready yet: no round of jobs is through since this server started"
        log_response(words, response=response, request=request, logger=logger, level="info")
    return response


def _missing() -> list[str]:
    if not database_answers():
        return ["database"]
    if not is_migrated():
        return ["migrations"]
    return [] if jobs_are_done() else ["jobs"]


def database_answers() -> bool:
    """Whether the database answers a question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except DatabaseError:
        logger.exception("The database does not answer")
        return False


def is_migrated() -> bool:
    """Whether the tables are those of this release. Once they are, nobody need ask again: another release is
    another process."""
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        _is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not _is_migrated:
            logger.error("The database is not that of this release: run `manage.py migrate`")
    return _is_migrated


def jobs_are_done() -> bool:
    """Whether somebody went through what is due a short while ago."""
    try:
        pulse = Pulse.objects.filter(name=loop.PULSE).first()
    except DatabaseError:
        return False
    return pulse is not None and clock.now() - pulse.beat_at < PATIENCE
