"""Replaces Django's tag `url`; a builtin of all templates (settings). It keeps the paths (`common.paths`)."""

from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as djangos_url
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape

from common.paths import path_of

register = template.Library()


@register.simple_tag
def absolute(path: str) -> str:
    """The address of a page of ours on other sites, built from SITE_URL and never from the Host header."""
    return settings.SITE_URL + path


class PathNode(URLNode):
    """Django's, except that paths are kept. Names in a namespace depend on the page, and so are not."""

    def render(self, context: Any) -> str:
        name = self.view_name.resolve(context)
        if ":" in name:
            return super().render(context)
        args = [arg.resolve(context) for arg in self.args]
        kwargs = {key: value.resolve(context) for key, value in self.kwargs.items()}
        try:
            path = path_of(name, *args, **kwargs)
        except NoReverseMatch:
            return super().render(context)
        if self.asvar:
            context[self.asvar] = path
            return ""
        return conditional_escape(path) if context.autoescape else path


@register.tag
def url(parser: Parser, token: Token) -> PathNode:
    """The path of a page: `{% url "thread" thread.pk %}`, as Django's tag."""
    node = djangos_url(parser, token)
    return PathNode(node.view_name, node.args, node.kwargs, node.asvar)
