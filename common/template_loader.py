"""Templates without the indentation of their lines, which a third of a page of lists would be."""

import re

from django.template import Origin
from django.template.loaders import filesystem

INDENTED = re.compile(r"(?P<kept>\{% blocktranslate .*?\{% endblocktranslate %\})|\n[ \t]+", re.S)
"""Indentation outside translated texts, whose exact words are the key in the catalogues."""


class Loader(filesystem.Loader):
    """Templates of the project's folder; lines keep their numbers, for tracebacks."""

    def get_contents(self, origin: Origin) -> str:
        """The source as it is compiled."""
        source = super().get_contents(origin)
        if not origin.name.endswith(".html"):
            return source
        return INDENTED.sub(lambda found: found["kept"] or "\n", source)
