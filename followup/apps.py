from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupConfig(AppConfig):
    """Courses, the month that follows them, and the desks of those who run them."""

    name = "followup"
    verbose_name = _("Follow-up")

    def ready(self) -> None:
        """Give what stands below the parts that only we know."""
        from followup.courses import privacy
        from followup.months import face, jobs, live_news, materials
        from followup.months import privacy as months_privacy
        from followup.months.completions import due

        face.register()
        live_news.register()
        jobs.register()
        due.register()
        privacy.register()
        months_privacy.register()
        materials.register()
