from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Carries things: files, mail, later live streams and chat. It knows people only as the user model."""

    name = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        """The outbox is work that falls due, rooms can be followed live, and each subject answers for a
        person's rows."""
        from messaging.chat import history, mentions, socket_commands
        from messaging.chat import privacy as chat
        from messaging.files import privacy as files
        from messaging.jobs import loop
        from messaging.jobs import metrics as jobs
        from messaging.live import revocations
        from messaging.notifications import delivery, digests, person_stream, privacy

        jobs.register()
        loop.register("revocations", revocations.sweep)
        digests.register()
        delivery.register()
        history.register()
        mentions.register()
        person_stream.register()
        socket_commands.register()
        chat.register()
        files.register()
        privacy.register()
