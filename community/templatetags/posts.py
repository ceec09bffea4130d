"""Permissions of posts of any kind; the same that the actions ask."""

from django import template

from community.posts.permissions import can_edit, can_restore, can_withdraw

register = template.Library()

register.filter("may_edit", can_edit)
register.filter("may_withdraw", can_withdraw)
register.filter("may_restore", can_restore)
