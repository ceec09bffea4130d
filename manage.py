#!/usr/bin/env python
"""The command line of Aftercourse: `manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    """Run one management command with our settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Whatever we write (database, uploads, logs of a shell) is for this user only.
    os.umask(0o077)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
