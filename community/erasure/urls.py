"""URLs of asking to be erased."""

from django.urls import path

from community.erasure import views

urlpatterns = [
    path("me/erase/", views.erasure, name="erasure"),
    path("me/erase/keep/", views.erasure_keep, name="erasure_keep"),
]
