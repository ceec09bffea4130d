"""URLs of a month's live hours."""

from django.urls import path

from followup.live_hours import views

urlpatterns = [
    path("months/<int:pk>/hours/", views.live_hours, name="live_hours"),
    path("months/<int:pk>/hours/now/", views.live_now, name="live_now"),
    path("months/<int:pk>/hours/<int:hour_pk>/", views.live_hour_move, name="live_hour_move"),
    path("months/<int:pk>/hours/<int:hour_pk>/cancel/", views.live_hour_cancel, name="live_hour_cancel"),
    path("months/<int:pk>/hours/<int:hour_pk>/keep/", views.live_hour_keep, name="live_hour_keep"),
]
