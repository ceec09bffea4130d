"""URLs of mail preferences: one's own page, and the link at the end of a mail."""

from django.urls import path

from messaging.notifications import mail_views

urlpatterns = [
    path("me/mail/", mail_views.mail_preferences, name="mail_preferences"),
    path("mail/stop/<str:signed>/", mail_views.mail_stop, name="mail_stop"),
]
