"""Every address of Aftercourse, subject by subject."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("files/", include("messaging.files.urls")),
    path("institutes/", include("community.institutes.urls")),
]

if settings.DEMO_SIGN_IN:
    urlpatterns += [path("demo/", include("followup.demo.urls"))]
