"""Every page of the access table and of the admin, and every form that stands on them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import reverse

from tests.access import Row
from tests.access.objects import OBJECTS
from tests.cast import Cast

LEFT_OUT = {"csrfmiddlewaretoken"}


@dataclass(frozen=True)
class Form:
    """A form: where it is sent, how, and what its fields contain when the page is opened."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> tuple[str, str, tuple[str, ...]]:
        """The same for the form of every row of a list."""
        return (
            self.method,
            re.sub(r"\d+", "0", self.path),
            tuple(sorted({name for name, _value in self.fields})),
        )


class FormParser(HTMLParser):
    """Collects the forms of a page. What a template has is for scripts, and may be a form of its own."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self._attrs: dict[str, str] | None = None
        self._fields: list[tuple[str, str]] = []
        self._chosen: str | None = None
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._templates += tag == "template"
        if self._templates:
            return
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._attrs, self._fields = found, []
        elif self._attrs is not None and found.get("name") and found["name"] not in LEFT_OUT:
            if tag == "input" and found.get("type") != "file":
                if found.get("type") not in ("radio", "checkbox") or "checked" in found:
                    self._fields.append((found["name"], found.get("value", "")))
            elif tag in ("textarea", "select", "button"):
                self._fields.append((found["name"], found.get("value", "")))
        elif tag == "option" and self._fields and "selected" in found:
            self._fields[-1] = (self._fields[-1][0], found.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._templates -= tag == "template"
        if self._templates:
            return
        if tag == "form" and self._attrs is not None:
            path = urlsplit(urljoin(self.path, self._attrs.get("action") or self.path)).path
            method = self._attrs.get("method", "get").lower()
            self.forms.append(Form(method, path, tuple(self._fields)))
            self._attrs = None


def forms_of(client: Client, paths: Iterable[str]) -> dict[Any, Form]:
    """The forms of these pages, each kind once."""
    found: dict[Any, Form] = {}
    for path in paths:
        response = client.get(path)
        if response.streaming:
            response.getvalue()
        elif response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
            parser = FormParser(path)
            parser.feed(response.content.decode())
            for form in parser.forms:
                found.setdefault(form.kind, form)
    return found


class Objects:
    """The objects of the access table, each made once."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._made: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        if name not in self._made:
            # Another object may have moved the end of the space.
            self._cast.space.refresh_from_db()
            self._made[name] = OBJECTS[name](self._cast)
        return self._made[name]

    def arguments(self, row: Row) -> dict[str, Any]:
        """The arguments of a row's URL."""
        return {name.split(":")[0]: self.get(name.split(":")[-1]) for name in row.args}

    def path(self, row: Row) -> str:
        """The path of a row."""
        return reverse(row.name, kwargs=self.arguments(row))

    def data(self, row: Row) -> dict[str, Any]:
        """What a row sends."""
        return {
            name: self.get(value[1:]) if str(value).startswith("=") else value
            for name, value in row.data.items()
        }


def paths_with(
    row: Row, kwargs: dict[str, Any], numbers: Iterable[str], texts: Iterable[str]
) -> Iterator[str]:
    """The path of a row with each of its arguments replaced in turn."""
    for name, value in kwargs.items():
        marker = 987654321 if isinstance(value, int) else "replace-this-one"
        path = reverse(row.name, kwargs={**kwargs, name: marker})
        for other in numbers if isinstance(value, int) else texts:
            yield path.replace(str(marker), other)


def admin_paths(pk_of: Callable[[type], Any]) -> list[str]:
    """Every URL of the admin, with the row `pk_of(model)` where it is about one."""
    from config.administration import site

    paths = [reverse("admin:index"), reverse("admin:jsi18n"), reverse("admin:autocomplete")]
    paths += [
        reverse("admin:app_list", args=[label]) for label in {m._meta.app_label for m in site._registry}
    ]
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths += [reverse(f"{name}_{page}") for page in ("changelist", "add")]
        paths += [reverse(f"{name}_{page}", args=[pk_of(model)]) for page in ("change", "history", "delete")]
    return paths
