"""URLs of what somebody is told: mail preferences, the link at the end of a mail, following and muting."""

from django.urls import path

from messaging.notifications import following_views, mail_views

urlpatterns = [
    path("me/mail/", mail_views.mail_preferences, name="mail_preferences"),
    path("mail/stop/<str:signed>/", mail_views.mail_stop, name="mail_stop"),
    path("me/following/", following_views.following, name="following"),
    path("follow/<str:kind>/<int:pk>/", following_views.follow, name="follow"),
    path("mute/<str:kind>/<int:pk>/", following_views.mute, name="mute"),
]
