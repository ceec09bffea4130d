"""Tags for the parts of a mail that are more than text. `messaging.notifications.mails` collects them and
makes plain text and HTML of them."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token

register = template.Library()


class PartNode(template.Node):
    """Adds a part to the letter being rendered and outputs its placeholder."""

    def __init__(self, kind: str, nodes: NodeList, url: FilterExpression | None) -> None:
        self.kind = kind
        self.nodes = nodes
        self.url = url

    def render(self, context: template.Context) -> str:
        url: Any = self.url.resolve(context) if self.url else ""
        placeholder: str = context["letter"].add(self.kind, self.nodes.render(context).strip(), str(url))
        return placeholder


def _part(parser: Parser, token: Token) -> PartNode:
    kind, *about = token.split_contents()
    if len(about) != (kind in WITH_ADDRESS):
        wanted = "an address" if kind in WITH_ADDRESS else "nothing"
        raise template.TemplateSyntaxError(f"{kind} takes {wanted} and then its text")
    nodes = parser.parse((f"end{kind}",))
    parser.delete_first_token()
    return PartNode(kind, nodes, parser.compile_filter(about[0]) if about else None)


WITH_ADDRESS = ("button", "link", "line")
"""Parts with a URL: the main button, a plain link, and a line of a list."""
WITHOUT_ADDRESS = ("quote", "code", "heading")
"""Somebody else's words, a code to type, and a heading."""
for _kind in (*WITH_ADDRESS, *WITHOUT_ADDRESS):
    register.tag(_kind, _part)
