"""The parts of a letter that are more than text. `messaging.notifications.mails` gathers them and makes plain
text and HTML of them, so that both say the same."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token

register = template.Library()


class PartNode(template.Node):
    """Leaves a part with the letter that is being written, and a mark where it stands."""

    def __init__(self, kind: str, nodes: NodeList, url: FilterExpression | None) -> None:
        self.kind = kind
        self.nodes = nodes
        self.url = url

    def render(self, context: template.Context) -> str:
        url: Any = self.url.resolve(context) if self.url else ""
        mark: str = context["letter"].keep(self.kind, self.nodes.render(context).strip(), str(url))
        return mark


def _part(parser: Parser, token: Token) -> PartNode:
    kind, *about = token.split_contents()
    if len(about) != (kind in WITH_ADDRESS):
        wanted = "an address" if kind in WITH_ADDRESS else "nothing"
        raise template.TemplateSyntaxError(f"{kind} takes {wanted} and then its words")
    nodes = parser.parse((f"end{kind}",))
    parser.delete_first_token()
    return PartNode(kind, nodes, parser.compile_filter(about[0]) if about else None)


WITH_ADDRESS = ("button", "link", "line")
"""Parts that lead somewhere: the one thing to do, a quiet link, and a line of a list."""
WORDS_ALONE = ("quote", "code", "heading")
"""Words of somebody else, a code to type, and the head of what follows."""
for _kind in (*WITH_ADDRESS, *WORDS_ALONE):
    register.tag(_kind, _part)
