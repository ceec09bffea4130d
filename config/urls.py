"""Every address of Aftercourse, subject by subject."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("institutes/", include("community.institutes.urls")),
]
