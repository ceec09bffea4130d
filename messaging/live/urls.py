"""URLs of the live streams."""

from django.urls import path

from messaging.live import views

urlpatterns = [
    path("", views.without_upgrade, name="live_socket"),
    path("poll/", views.poll, name="live_poll"),
]
