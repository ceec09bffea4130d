"""URLs of the bell."""

from django.urls import path

from messaging.notifications import views

urlpatterns = [
    path("news/", views.news, name="news"),
    path("news/seen/", views.news_seen, name="news_seen"),
    path("news/<int:pk>/", views.news_open, name="news_open"),
]
