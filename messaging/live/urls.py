"""URLs of the live streams."""

from django.urls import path

from messaging.live import views

urlpatterns = [path("poll/", views.poll, name="live_poll")]
