"""manage.py with one more page, which computes until the test lets it end.

python -m tests.messaging.live.slow_pages serve ...
"""

import os
import sys
import uuid
from pathlib import Path

PATH = "/slow/"
ARRIVED, RELEASED = "slow-*", "released"
"""Files in the installation's folder: one for each request that has a thread, and the sign to end."""


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()

    from django.conf import settings
    from django.contrib.auth.decorators import login_not_required
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from config import urls

    folder = Path(settings.VAR_DIR)

    @login_not_required
    def slow(request: HttpRequest) -> HttpResponse:
        (folder / ARRIVED.replace("*", uuid.uuid4().hex)).touch()
        while not (folder / RELEASED).exists():
            sum(range(100_000))
        return HttpResponse("at last")

    urls.urlpatterns.append(path(PATH.strip("/") + "/", slow))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
