"""Every module of the product can be imported first, so that there is no import circle."""

import subprocess
import sys

from django.conf import settings


def test_every_module_can_be_imported_alone():
    done = subprocess.run(
        [sys.executable, "-m", "tests.import_each"], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
