"""Which words of a text are addresses, and where they lead.

Only what is surely meant becomes a link: an address with `http://` or `https://`, one that begins with
`www.`, an e-mail address, and a bare name in small letters with one of `BARE_ENDINGS`. Two-letter endings are
words in our languages ("Kész.Az", "ok.no"), so without a scheme they are none.

Every pattern is possessive or bounded: the time is linear in the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import idna

BARE_ENDINGS = ("com", "org", "net")
"""The endings of a name that is a link without `http://` and `www.`."""
NO_PART = r"\s<>\"`|\\„“”‟«»‹›‘’‚‛「」『』〈〉《》"
"""What ends an address: white space, quotation marks, signs that no address contains."""
FINAL = ".,:;!?…'*~。、，！？：；"
"""Not part of an address at its end, where they belong to the sentence."""
CLOSING = {")": "(", "]": "[", "}": "{"}
"""Brackets are part of an address in pairs."""
MAX_HOST_CHARS = 253
"""A longer host has no name in the DNS."""
MAX_PATH_CHARS = 2_000
"""With a longer path it is none: half an address leads elsewhere."""
MAX_OPEN_BRACKETS = 5
"""In each other, in a path."""
LATIN = "a-z0-9áéíóöőúüűąćęłńóśźżčėįšųūž"
CYRILLIC = "а-яё0-9"
"""The letters of the product's languages. A host with other letters may imitate one with these."""

_label = r"\w++(?:-++\w++)*+"
_host = re.compile(rf"{_label}(?:\.{_label})*+")
_port = re.compile(r":\d{1,5}+(?!\d)")
_path = re.compile(rf"[/?#][^{NO_PART}]{{0,{MAX_PATH_CHARS}}}+")
_next_address = re.compile(r"[,;]https?://")
_user = re.compile(r"[^\s/?#@]{0,200}@")
_familiar = re.compile(rf"(?:[{LATIN}-]+\.)*[{LATIN}-]+|(?:[{CYRILLIC}-]+\.)+[а-яё]+")
_mail_host = re.compile(r".+\.[^\W\d_]{2,}")
_mail_local = r"[A-Za-z0-9_][A-Za-z0-9_.+%-]{0,63}+@"
_bare = rf"(?:[a-z0-9]++(?:-++[a-z0-9]++)*+\.)++(?:{'|'.join(BARE_ENDINGS)})(?![\w@:-]|\.\w)"
_opening = re.compile(rf"(?i:(?P<web>https?://)|(?P<www>(?=www\.\w))|(?P<mailto>(?:mailto:)?+){_mail_local})")
_bare_name = re.compile(_bare)

BEGINNING = (
    r"(?i:(?<![a-z0-9.+-])https?://(?=\w)|(?<![\w.@/+-])www\.(?=\w))"
    rf"|(?<![\w.+%@/:=&?-])(?i:mailto:)?+{_mail_local}(?=\w)"
    rf"|(?<![\w.@/\\:%+&=#?-])(?=[a-z]){_bare}"
)
"""The pattern of how an address begins; `link_at` then says whether it is one."""
_beginning = re.compile(BEGINNING)


@dataclass(frozen=True, slots=True)
class Link:
    """An address from `start` to `end` of a text."""

    start: int
    end: int
    href: str
    host: str
    """What is shown of where it leads: the host, in ASCII if its letters may imitate another; or the e-mail
    address."""
    imitates: bool = False
    """Whether its letters may imitate another host, so that its text does not say where it leads."""


def find_links(text: str) -> Iterator[Link]:
    """The links in a text, in order."""
    position = 0
    while begins := _beginning.search(text, position):
        link = link_at(text, begins.start())
        if link is not None:
            yield link
        position = begins.end() if link is None else link.end


def link_at(text: str, start: int) -> Link | None:
    """The address that begins at this position, or None if it is none."""
    opening = _opening.match(text, start)
    if opening is None:
        return _web_link(text, start, start, "http://", labels=2) if _bare_name.match(text, start) else None
    if opening["mailto"] is not None:
        return _mail_link(text, start, opening)
    if opening["web"]:
        return _web_link(text, start, opening.end(), "", labels=1)
    return _web_link(text, start, start, "http://", labels=3)


def _web_link(text: str, start: int, host_start: int, scheme: str, labels: int) -> Link | None:
    """The address of a page whose host begins there and has that many labels at least."""
    host, is_whole = _host_at(text, host_start, labels)
    if not host or host.count(".") + 1 < labels or _user.match(text, host_start + len(host)):
        # What stands before an @ looks like the host and is not.
        return None
    end = host_start + len(host)
    if is_whole:
        if port := _port.match(text, end):
            end = port.end()
        if path := _path.match(text, end):
            if len(path[0]) > MAX_PATH_CHARS:
                return None
            end += _path_end(path[0])
    return _link(text, start, end, scheme + text[start:end], host)


def _mail_link(text: str, start: int, opening: re.Match[str]) -> Link | None:
    host, _is_whole = _host_at(text, opening.end(), labels=2)
    end = opening.end() + len(host)
    if not _mail_host.fullmatch(host) or text[end : end + 1] == "@":
        return None
    name = text[start + len(opening["mailto"]) : opening.end()]
    link = _link(text, start, end, f"mailto:{name}{host}", host)
    return replace(link, host=name + link.host) if link else None


def _link(text: str, start: int, end: int, href: str, host: str) -> Link | None:
    name = host.lower()
    if len(name) > MAX_HOST_CHARS:
        return None
    if _familiar.fullmatch(name) or name.isascii():
        return Link(start, end, href, name)
    try:
        return Link(start, end, href, idna.encode(name, uts46=True).decode("ascii"), imitates=True)
    except idna.IDNAError:
        return None


def _host_at(text: str, start: int, labels: int) -> tuple[str, bool]:
    """The host that begins there, and whether it is all that could be one.

    After enough labels one with a capital begins a sentence whose space was forgotten: "iskola.hu.Az".
    """
    match = _host.match(text, start)
    if match is None:
        return "", False
    parts = match[0].split(".")
    for number in range(max(labels, 2), len(parts)):
        if parts[number][0].isupper() and parts[number - 1].islower():
            return ".".join(parts[:number]), False
    return match[0], True


def _path_end(path: str) -> int:
    """Where a path ends: at the next address, at a bracket without its pair, before the punctuation of the
    sentence."""
    opened: list[int] = []
    following = _next_address.search(path)
    end = following.start() if following else len(path)
    for position, char in enumerate(path[:end]):
        if char in CLOSING.values():
            opened.append(position)
            if len(opened) > MAX_OPEN_BRACKETS:
                break
        elif char in CLOSING:
            if not opened or path[opened[-1]] != CLOSING[char]:
                end = position
                break
            opened.pop()
    if opened:
        end = min(end, opened[0])
    while end and path[end - 1] in FINAL:
        end -= 1
    return end
