"""Two pages for monitoring and load balancers: whether this process is up, and whether it is ready."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_is_migrated = False
logger = logging.getLogger("aftercourse.health")


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the process responds. Uses no database."""
    return HttpResponse("up\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether this process can serve pages: 200, or 503 with what is missing and nothing more.

    It is about this process and its database only. Jobs that are late or a mail server that hangs concern all
    processes alike: a load balancer that took them all out would make it worse. That is in `/metrics/` and in
    the log (`config.watch`).
    """
    missing = _missing()
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)


def _missing() -> list[str]:
    if not database_answers():
        return ["database"]
    return [] if is_migrated() else ["migrations"]


def database_answers() -> bool:
    """Whether the database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except DatabaseError:
        logger.exception("The database does not answer")
        return False


def is_migrated() -> bool:
    """Whether all migrations of this release are applied. Cached once they are: another release is another
    process."""
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        _is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not _is_migrated:
            logger.error("Migrations are missing: run `manage.py migrate`")
    return _is_migrated
