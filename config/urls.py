"""Every address of Aftercourse, subject by subject."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("community.people.urls")),
    path("account/", include("allauth.account.urls")),
    path("files/", include("messaging.files.urls")),
    path("institutes/", include("community.institutes.urls")),
    path("", include("community.spaces.urls")),
    path("", include("community.threads.urls")),
    path("", include("community.practices.urls")),
]

if settings.DEMO_SIGN_IN:
    urlpatterns += [path("demo/", include("followup.demo.urls"))]
