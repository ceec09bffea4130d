"""Template tags for the parts of a mail that are more than text. `messaging.notifications.mails` collects the
parts and renders them as plain text and HTML."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token

register = template.Library()


class PartNode(template.Node):
    """Adds a part to the mail being rendered and outputs its placeholder."""

    def __init__(self, kind: str, nodes: NodeList, argument: FilterExpression | None) -> None:
        self.kind = kind
        self.nodes = nodes
        self.argument = argument

    def render(self, context: template.Context) -> str:
        argument: Any = self.argument.resolve(context) if self.argument else ""
        name = "url" if self.kind in WITH_URL else "label"
        placeholder: str = context["mail_builder"].add(
            self.kind, self.nodes.render(context).strip(), **{name: str(argument)}
        )
        return placeholder


def _part(parser: Parser, token: Token) -> PartNode:
    kind, *arguments = token.split_contents()
    if len(arguments) != (kind not in PLAIN):
        expected = "a URL" if kind in WITH_URL else "a label" if kind in WITH_LABEL else "no argument"
        raise template.TemplateSyntaxError(f"{kind} takes {expected}")
    nodes = parser.parse((f"end{kind}",))
    parser.delete_first_token()
    return PartNode(kind, nodes, parser.compile_filter(arguments[0]) if arguments else None)


WITH_URL = ("button", "link", "line")
"""Parts with a URL: the main button, a plain link, and a line of a list."""
WITH_LABEL = ("fact",)
"""Those with a label: a fact such as who the trainer is."""
PLAIN = ("quote", "code", "heading")
"""Text of another user, a code to type, and a heading."""
for _kind in (*WITH_URL, *WITH_LABEL, *PLAIN):
    register.tag(_kind, _part)
