"""What a reader sees of HTML: its text, the numbers of lists, and where links lead."""

import unicodedata
from html.parser import HTMLParser


class Shown(HTMLParser):
    """Collects the text of HTML as `text`.

    A link's address stands behind its words, unless they are its address.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.hrefs: list[str] = []
        self.tags: list[str] = []
        self._lists: list[int] = []
        self._words: str | None = None
        self._is_note = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("ul", "ol"):
            self._lists.append(-1 if tag == "ul" else 0)
        elif tag == "li" and self._lists and self._lists[-1] >= 0:
            self._lists[-1] += 1
            self.text += f" {self._lists[-1]}. "
        elif tag == "a":
            self.hrefs.append(dict(attrs).get("href") or "")
            self._words = ""
        elif tag == "small":
            self._is_note = True
        if tag not in ("a", "strong", "em", "s", "code", "small"):
            self.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._lists.pop()
        elif tag == "small":
            if self._words is None:
                self.text += f" ({self.hrefs[-1]})"
            self._is_note = False
        elif tag == "a":
            self._words = None

    def handle_data(self, data: str) -> None:
        if not self._is_note:
            self.text += data


def letters(text: str) -> str:
    """The letters and digits of a text, in order, without their accents, which may join another letter when a
    sign between them is not shown."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if char.isalnum())


def text_of(html: str) -> str:
    """The text of HTML."""
    return Shown(html).text
