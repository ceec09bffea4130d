from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Composes everything: settings, URLs, the ASGI application and the serve command."""

    name = "config"
    label = "house"
