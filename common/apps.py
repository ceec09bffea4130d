from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Tools that know nothing about teachers: the clock, safe HTML, pages of a list, template filters."""

    name = "common"
