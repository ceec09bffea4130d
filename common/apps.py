from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Tools without models: the clock, safe HTML, pagination, template filters."""

    name = "common"
