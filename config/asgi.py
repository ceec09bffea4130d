"""The way in for a server: HTTP now; the socket gets its place here with the live room."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.kept_threads import KeptThreadsHandler  # noqa: E402 after the settings stand

application = KeptThreadsHandler()
