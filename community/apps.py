from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    """People, their institutes and spaces, and what they write there."""

    name = "community"
    verbose_name = _("Community")

    def ready(self) -> None:
        """Register each subject: privacy, visibility, tabs, panels."""
        from community.erasure import jobs as erasure_jobs
        from community.institutes import destinations as institute_destinations
        from community.institutes import privacy as institutes
        from community.institutes import roles
        from community.people import invitations, limits, unsent
        from community.people import privacy as people
        from community.posts import news as news_of_posts
        from community.posts import privacy as posts
        from community.posts import queries as kept_in_posts
        from community.practices import comment_privacy as comments
        from community.practices import kind as kind_of_practices
        from community.practices import news as news_of_practices
        from community.practices import privacy as practices
        from community.reports import news as news_of_reports
        from community.reports import privacy as reports
        from community.rooms import news as news_of_rooms
        from community.rooms import panel as panel_of_rooms
        from community.spaces import actions as memberships
        from community.spaces import news as news_of_spaces
        from community.spaces import privacy as spaces
        from community.spaces import role_actions as roles_in_spaces
        from community.threads import kind as kind_of_threads
        from community.threads import news as news_of_threads
        from community.threads import privacy as threads

        for news in (
            news_of_reports,
            news_of_posts,
            news_of_practices,
            news_of_threads,
            news_of_rooms,
            news_of_spaces,
        ):
            news.register()
        kept_in_posts.register()
        # Tabs are shown in this order.
        for registration in (kind_of_threads, kind_of_practices, panel_of_rooms):
            registration.register()
        for subject in (reports, posts, comments, practices, threads, spaces, institutes, people):
            subject.register()
        invitations.register()
        institute_destinations.register()
        limits.register()
        roles.register()
        unsent.register()
        memberships.register()
        roles_in_spaces.register()
        erasure_jobs.register()
