from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    """People, their institutes and spaces, and what they write there."""

    name = "community"
    verbose_name = _("Community")

    def ready(self) -> None:
        """Each subject answers for a person's rows."""
        from community.institutes import privacy as institutes
        from community.people import privacy as people
        from community.practices import privacy as practices
        from community.spaces import privacy as spaces
        from community.threads import privacy as threads

        for subject in (practices, threads, spaces, institutes, people):
            subject.register()
