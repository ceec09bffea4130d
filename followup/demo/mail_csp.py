"""The Content-Security-Policy under which the demo shows the HTML of a mail.

Mails use inline styles, which the policy of our pages forbids. So a mail is shown on a page of its own whose
policy allows exactly its styles, by their hashes, and no scripts, loading or forms.
"""

import base64
import hashlib
from html.parser import HTMLParser


class Styles(HTMLParser):
    """Collects the inline styles and the style sheets of a mail."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the style attribute of an element."""
        self._inside = tag == "style"
        self.found |= {value for name, value in attrs if name == "style" and value}

    def handle_endtag(self, tag: str) -> None:
        """Stop collecting at the end of a style element."""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """Collect the text of a style element."""
        if self._inside:
            self.found.add(data)


def policy_for(html: str) -> str:
    """The Content-Security-Policy that allows exactly the styles of this mail and nothing else."""
    styles = Styles()
    styles.feed(html)
    styles.close()
    allowed = " ".join(sorted(f"'sha256-{_digest(style)}'" for style in styles.found))
    return (
        f"default-src 'none'; style-src 'unsafe-hashes' {allowed}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation"
    )


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
