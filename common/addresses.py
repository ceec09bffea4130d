"""E-mail addresses: one spelling for each, however it was typed or pasted.

Stored and compared is the spelling of mail servers and of browsers' address fields: lowercase, and an
international domain in its ASCII form (IDNA 2008). People are shown the domain in its own letters.
"""

import re
from functools import lru_cache
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from common.text import clean_line

MAX_ADDRESS_LENGTH = 254
MAX_TYPED_LENGTH = 1_000
MAX_LABELS = 8
MAX_READABLE_DOMAIN_LENGTH = 64
"""Converting letters to their ASCII form takes time; no real domain is near this long."""
_BEFORE = " <([{\"'`‘’‚‹›“”„«»*"
_AFTER = _BEFORE + ">)]}.,;:!?"
"""What is pasted along with an address: brackets, quotation marks, the punctuation of a sentence."""

_scheme = re.compile(r"mailto:\s*", re.IGNORECASE)
_END_OF_WORD = r"\s<>()\[\]{},;:|\"“”„«»@"
_word = re.compile(
    rf"(?:mailto:)?(?<![^{_END_OF_WORD}/=])[^{_END_OF_WORD}/=]{{1,64}}@[^{_END_OF_WORD}/–—]{{1,253}}",
    re.IGNORECASE,
)


def normalize_address(text: str) -> str:
    """The one spelling of an address, in which it is stored and looked up. Idempotent.

    Raises ValueError if the text is not an address.
    """
    address = _bare(text)
    local, at, domain = address.rpartition("@")
    if not at or not local.isascii():
        raise ValueError("Before the @ stand letters and digits of ASCII.")
    address = f"{local.lower()}@{_ascii_domain(domain)}"
    if len(address) > MAX_ADDRESS_LENGTH:
        raise ValueError("The address is too long.")
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError("It has not the form of an address.") from None
    return address


def readable_address(address: str) -> str:
    """A stored address as people read it: an international domain in its own letters."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        readable = f"{local}{at}{idna.decode(domain)}"
        return readable if normalize_address(readable) == address else address
    except ValueError:
        return address


def addresses_in(line: str) -> list[tuple[int, int, str]]:
    """The addresses in a line of text: where each begins and ends, and its spelling; also in `mailto:` links,
    brackets and at the end of a sentence. What has an @ and is none has an empty spelling."""
    found = []
    for match in _word.finditer(line):
        try:
            spelling = normalize_address(match.group())
        except ValueError:
            spelling = ""
        found.append((match.start(), match.end(), spelling))
    return found


def whole_addresses_in(text: str) -> set[str]:
    """The spellings of the addresses in a text: its own, if it is one, or those of its words."""
    if "@" not in text:
        return set()
    try:
        return {normalize_address(text)}
    except ValueError:
        return {spelling for _start, _end, spelling in addresses_in(text)} - {""}


def _bare(text: str) -> str:
    """The text without what is pasted along with an address."""
    if len(text) > MAX_TYPED_LENGTH:
        raise ValueError("The address is too long.")
    address = clean_line(text).lstrip(_BEFORE).rstrip(_AFTER)
    if scheme := _scheme.match(address):
        address = address[scheme.end() :].partition("?")[0]
    return address.lstrip(_BEFORE).rstrip(_AFTER)


@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    """The domain in its ASCII form, or nothing if it has none."""
    if domain.isascii():
        return domain.lower().rstrip(".")
    if len(domain) > MAX_READABLE_DOMAIN_LENGTH or domain.count(".") > MAX_LABELS:
        return ""
    try:
        return idna.encode(domain, uts46=True).decode("ascii").rstrip(".")
    except idna.IDNAError:
        return ""


class AddressField(forms.EmailField):
    """An e-mail address in its one spelling."""

    default_error_messages = {"invalid": _("This isn’t an email address.")}
    default_validators = []  # `to_python` has checked it

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", MAX_ADDRESS_LENGTH)
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        """The spelling in which the address is stored. Raises ValidationError if it is none."""
        typed = clean_line(str(value or ""))
        if not typed:
            return ""
        try:
            return normalize_address(typed)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        """A stored address as people read it."""
        return readable_address(value) if isinstance(value, str) else value
