"""Our server with the portable transport only, as on an ASGI server other than Daphne.

python bench/portable.py serve --port 8000     as manage.py does
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from django.core.management import execute_from_command_line  # noqa: E402

from messaging.live import transport  # noqa: E402

transport.DirectTransport.behind = classmethod(lambda cls, *arguments: None)  # type: ignore[assignment]

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
