from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Settings, URLs, the ASGI application and the serve command."""

    name = "config"
    label = "house"
