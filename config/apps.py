from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Composes everything: settings, addresses, the way in for a server and the command that serves."""

    name = "config"
    label = "house"
