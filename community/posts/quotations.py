"""Quoting a post in the box of a reply to it, as static/js/lib/quotes.js does."""

import re
from collections.abc import Iterator
from functools import partial
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from django.db import transaction
from django.db.models import Q

from common.html import plain
from common.names import NAMELESS
from common.sources import SIGN, as_html, is_html
from community.posts.actions import lock_post
from community.posts.kinds import every_kind
from community.posts.models import Post

if TYPE_CHECKING:
    from community.people.models import User

WORDS_QUOTED = 40
"""How much of the beginning is quoted where nothing is selected."""
_signs = re.compile(r"[\[\]\\*_~`]")


def quotation(*, name: str, address: str, html: str) -> str:
    """The beginning of a post in our Markdown, with who said it and a link to it."""
    return f"> [{_signs.sub('', name)}]({address}):\n> {plain(html, WORDS_QUOTED)}\n\n"


def with_quotation(text: str, quoted: str) -> str:
    """What a box holds already, as forms carry it, with a quotation behind it; once."""
    if is_html(text):
        made = as_html(quoted).removeprefix(SIGN)
        return text if made in text else text + made
    if quoted.strip() in text:
        return text
    return f"{text.rstrip()}\n\n{quoted}" if text.strip() else quoted


def erase_name(user: "User") -> None:
    """Replace this person's name where others quote their posts: in links with it that lead to one."""
    own = {kind.path(post) for kind in every_kind() for post in kind.model.objects.filter(author=user)}
    names = {each for name in (user.name, _signs.sub("", user.name)) for each in _spellings(name)}
    either = "|".join(map(re.escape, sorted(names)))
    link = re.compile(rf'(\[)(?:{either})(\]\(([^)\s]+)\))|(<a href="([^"]+)"[^>]*>)(?:{either})(</a>)')
    for post in _linking_with(names) if own else ():
        _erase_name_in(post, link, own)


@transaction.atomic
def _erase_name_in(post: Post, link: re.Pattern[str], own: set[str]) -> None:
    post = lock_post(post)
    before = {field: getattr(post, field) for field in (*post.SOURCES, *post.rendered())}
    after = {field: link.sub(partial(_nameless, own), text) for field, text in before.items()}
    if changed := [field for field in before if after[field] != before[field]]:
        for field in changed:
            setattr(post, field, after[field])
        post.save(update_fields=changed)


def _nameless(own: set[str], found: re.Match[str]) -> str:
    address = urlsplit(unescape(found[3] or found[5]))
    if urlunsplit(address._replace(scheme="", netloc="")) not in own:
        return found[0]
    return f"{found[1] or found[4]}{NAMELESS}{found[2] or found[6]}"


def _spellings(name: str) -> set[str]:
    return {name, escape(name), escape(name, quote=False)}


def _linking_with(names: set[str]) -> Iterator[Post]:
    """The posts in which a link says one of these names."""
    for kind in every_kind():
        says = Q()
        for field in kind.model().rendered():
            for name in names:
                says |= Q(**{f"{field}__contains": f">{name}</a>"})
        yield from kind.model.objects.filter(says).order_by("pk")
