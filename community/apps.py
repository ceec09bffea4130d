from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    """People, their institutes and spaces, and what they write there."""

    name = "community"
    verbose_name = _("Community")

    def ready(self) -> None:
        """Each subject answers for a person's rows."""
        from community.people import privacy

        privacy.register()
