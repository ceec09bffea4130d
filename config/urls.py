"""Every URL of Aftercourse, subject by subject."""

from django.conf import settings
from django.urls import include, path

from config import administration, health, metrics

urlpatterns = [
    path("health/", health.health, name="health"),
    path("ready/", health.ready, name="ready"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("admin/", administration.site.urls),
    path("", include("followup.desk.urls")),
    path("", include("community.people.urls")),
    path("account/", include("community.people.account_urls")),
    path("", include("community.erasure.urls")),
    path("account/", include("allauth.account.urls")),
    path("", include("messaging.files.urls")),
    path("live/", include("messaging.live.urls")),
    path("", include("messaging.notifications.urls")),
    path("", include("messaging.notifications.mail_urls")),
    path("institutes/", include("community.institutes.urls")),
    path("", include("community.spaces.urls")),
    path("", include("community.rooms.urls")),
    path("", include("community.posts.urls")),
    path("", include("community.threads.urls")),
    path("", include("community.practices.urls")),
    path("", include("community.reports.urls")),
    path("", include("followup.courses.urls")),
    path("", include("followup.months.urls")),
    path("", include("followup.completions.urls")),
    path("", include("followup.live_hours.urls")),
    path("", include("followup.materials.urls")),
    path("", include("followup.steps.urls")),
    path("", include("followup.overview.urls")),
]

handler403 = "community.people.unsent_views.permission_denied"
handler404 = "community.people.unsent_views.page_not_found"
handler500 = "community.people.unsent_views.server_error"

if settings.DEMO_SIGN_IN:
    urlpatterns += [path("demo/", include("followup.demo.urls"))]
