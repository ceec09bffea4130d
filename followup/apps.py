from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupConfig(AppConfig):
    """Courses, the month that follows them, and the desks of those who run them."""

    name = "followup"
    verbose_name = _("Follow-up")

    def ready(self) -> None:
        """Register each subject with the registries of the apps below."""
        from followup.completions import jobs as completion_jobs
        from followup.completions import privacy as completion_privacy
        from followup.courses import privacy as course_privacy
        from followup.courses import run_actions
        from followup.desk import context as desk_context
        from followup.live_hours import jobs as live_hour_jobs
        from followup.live_hours import news as live_hour_news
        from followup.live_hours import privacy as live_hour_privacy
        from followup.live_hours import queries as live_hour_queries
        from followup.materials import privacy as material_privacy
        from followup.materials import queries as material_queries
        from followup.months import contributors
        from followup.months import destinations as month_destinations
        from followup.months import jobs as month_jobs
        from followup.months import lookup as month_lookup
        from followup.months import privacy as month_privacy
        from followup.overview import kind
        from followup.steps import privacy as step_privacy
        from followup.steps import queries as step_queries
        from followup.steps import sources as step_sources

        for registering in (
            course_privacy,
            run_actions,
            month_privacy,
            month_jobs,
            month_lookup,
            month_destinations,
            contributors,
            completion_privacy,
            completion_jobs,
            live_hour_privacy,
            live_hour_news,
            live_hour_jobs,
            live_hour_queries,
            material_privacy,
            material_queries,
            step_privacy,
            step_sources,
            step_queries,
            kind,
            desk_context,
        ):
            registering.register()
