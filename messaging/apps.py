from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Files, live streams, chat, notifications and mail. It depends on people only as the user model."""

    name = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        """Register jobs, streams, socket commands, and the export and erasure of personal data."""
        from messaging.chat import attachments, history, mentions, search_index, socket_commands
        from messaging.chat import privacy as chat
        from messaging.files import housekeeping as files_housekeeping
        from messaging.files import privacy as files
        from messaging.jobs import housekeeping
        from messaging.jobs import metrics as jobs
        from messaging.live import revocations
        from messaging.notifications import delivery, digests, person_stream, privacy
        from messaging.notifications import housekeeping as notifications_housekeeping
        from messaging.notifications import metrics as mail_metrics

        jobs.register()
        mail_metrics.register()
        digests.register()
        delivery.register()
        mentions.register()
        history.register()
        attachments.register()
        search_index.register()
        person_stream.register()
        socket_commands.register()
        chat.register()
        files.register()
        privacy.register()
        housekeeping.register()
        housekeeping.register_rule("files", files_housekeeping.delete_files)
        housekeeping.register_rule("waiting-files", files_housekeeping.delete_waiting)
        housekeeping.register_rule("blobs", files_housekeeping.delete_blobs)
        housekeeping.register_rule("revocations", lambda _size: revocations.sweep())
        notifications_housekeeping.register()
