"""What a text of the editor may consist of: the one list, for the editor and for the sanitiser."""

from typing import Any

from django_prose_editor.config import EXTENSION_MAPPING, html_tags

EXTENSIONS: dict[str, Any] = {
    "Document": True,
    "Text": True,
    "Paragraph": True,
    "HardBreak": True,
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Code": True,
    "Subscript": True,
    "Superscript": True,
    "Link": {"protocols": ["http", "https", "mailto"], "enableTarget": False},
    "Heading": {"levels": [3, 4]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "CodeBlock": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "Picture": True,
}
"""The extensions of the editor with their settings, in the form that django-prose-editor takes them."""
OWN = {"Picture": html_tags(["figure", "figcaption", "img"], {"img": ["data-file", "src", "alt"]})}
"""What our own extensions add to a text, in the same form: a picture names its file."""
DROPPED = {"a": {"rel", "title"}, "ol": {"type", "data-type"}}
"""Attributes that the package allows and we have no use for: `rel` is written when a text is shown."""


def _allowed() -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """The tags and attributes that the extensions make."""
    found: dict[str, Any] = {"tags": set(), "attributes": {}}
    for name, settings in EXTENSIONS.items():
        make = OWN.get(name) or EXTENSION_MAPPING[name]
        make(settings, found)
    attributes = {
        tag: frozenset(names) - DROPPED.get(tag, set()) for tag, names in found["attributes"].items()
    }
    return frozenset(found["tags"]), attributes


TAGS, ATTRIBUTES = _allowed()
PROTOCOLS = frozenset(EXTENSIONS["Link"]["protocols"])
