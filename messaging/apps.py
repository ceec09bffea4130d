from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Carries things: files, mail, later live streams and chat. It knows people only as the user model."""

    name = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        """The outbox is work that falls due, and both files and mails answer for a person's rows."""
        from messaging.files import privacy as files
        from messaging.notifications import outbox, privacy

        outbox.register()
        files.register()
        privacy.register()
