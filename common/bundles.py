"""Bundles of static files, so that a page needs few requests.

Each component has its own style sheet and each custom element its own module. The finder serves the
bundles of `STATIC_BUNDLES` instead: one file with the parts in the declared order, each under a comment with
its path and without its own comments, a fifth of what a first visit would fetch. It works below the storage,
so a bundle is collected, hashed and compressed like any other file, and is the same in every mode.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.M)
"""The one form of import that our modules use: named, at the top, by the module's path below `static/`."""
STYLE_COMMENT = re.compile(r"/\*(?:(?!\*/).)*\*/\n*|^[ ]+", re.M | re.S)
"""A comment of a style sheet, or the indentation of a line."""
SCRIPT_COMMENT = re.compile(r"^[ ]*(?://.*|/\*(?:(?!\*/)[\s\S])*\*/[ ]*)\n", re.M)
"""A comment of a script that has its lines to itself; one beside code stays."""
TOP_LEVEL_NAME = re.compile(r"^(?:export )?(?:async )?(?:const|let|class|function)\s+([\w$]+)", re.M)


def join_style_sheets(parts: dict[str, str]) -> str:
    """One style sheet of several, by path, in their order."""
    return "\n".join(f"/* {path} */\n{STYLE_COMMENT.sub('', text)}" for path, text in parts.items())


def join_modules(parts: dict[str, str], bundle_of: dict[str, str]) -> str:
    """One ES module of several, by path, in their order; `bundle_of` names the bundle of every module.

    Imports of a part of the same bundle are dropped, all others become imports of the bundle that has the
    module. The parts share one scope. Raises ImproperlyConfigured if two of them use one top-level name, or
    if a module is imported by one that comes before it in the bundle, or is in no bundle.
    """
    own_bundles = {bundle_of[path] for path in parts}
    imported: dict[str, set[str]] = {}
    declared: dict[str, str] = {}
    bodies: list[str] = []
    already_joined: set[str] = set()
    for path, text in parts.items():
        for names, source in IMPORT.findall(text):
            if source not in bundle_of:
                raise ImproperlyConfigured(f"{path} imports {source}, which is in no bundle")
            if bundle_of[source] not in own_bundles:
                imported.setdefault(bundle_of[source], set()).update(re.findall(r"[\w$]+", names))
            elif source not in already_joined:
                raise ImproperlyConfigured(f"{path} imports {source}, which comes after it in their bundle")
        body = SCRIPT_COMMENT.sub("", IMPORT.sub("", text))
        for name in TOP_LEVEL_NAME.findall(body):
            if name in declared:
                raise ImproperlyConfigured(f"{path} and {declared[name]} both declare {name} at top level")
            declared[name] = path
        bodies.append(f"/* {path} */\n{body.lstrip()}")
        already_joined.add(path)
    imports = [
        f'import {{ {", ".join(sorted(names))} }} from "{source}";\n' for source, names in imported.items()
    ]
    return "".join(imports) + "\n" + "\n".join(bodies)


class BundleFinder(FileSystemFinder):
    """Our static files, with bundles instead of their parts."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(app_names, *args, **kwargs)
        self.built = FileSystemStorage(settings.VAR_DIR / "bundles")
        self.bundle_of = {part: name for name, parts in settings.STATIC_BUNDLES.items() for part in parts}

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """All files to collect; bundles are rebuilt."""
        for path, storage in super().list(ignore_patterns):
            if Path(path).as_posix() not in self.bundle_of:
                yield path, storage
        for name in settings.STATIC_BUNDLES:
            self.build(name)
            yield name, self.built

    def find(self, path: str, find_all: Any = False, **kwargs: Any) -> Any:
        """The path of a file; a bundle is built first. Only debug mode looks single files up."""
        if path not in settings.STATIC_BUNDLES:
            return super().find(path, find_all=find_all, **kwargs)
        found = str(self.build(path))
        return [found] if find_all else found

    def build(self, name: str) -> Path:
        """Write one bundle and return its path."""
        parts = {
            path: (Path(self.locations[0][1]) / path).read_text("utf-8")
            for path in settings.STATIC_BUNDLES[name]
        }
        text = join_modules(parts, self.bundle_of) if name.endswith(".js") else join_style_sheets(parts)
        target = Path(self.built.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        return target
