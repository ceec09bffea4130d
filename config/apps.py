from typing import Any

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Settings, URLs, the ASGI application and the serve command."""

    name = "config"
    label = "house"

    def ready(self) -> None:
        """Let nobody's sign-in fail because its time cannot be stored."""
        from django.contrib.auth.signals import user_logged_in

        # Under the name of Django's own receiver, which is connected later and therefore not at all.
        user_logged_in.connect(_update_last_login, dispatch_uid="update_last_login")


def _update_last_login(sender: type, user: Any, **more: Any) -> None:
    from django.contrib.auth.models import update_last_login

    from common.database import if_there_is_room

    with if_there_is_room():
        update_last_login(sender, user, **more)
