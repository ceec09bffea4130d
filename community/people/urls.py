"""URLs of joining, the profile, the language and drafts."""

from django.urls import path

from community.people import picture_views, unsent_views, views

urlpatterns = [
    path("invitations/again/", views.invitation_again, name="invitation_again"),
    path("invitations/sent/", views.invitation_sent, name="invitation_sent"),
    path("invitations/<str:signed>/", views.invitation, name="invitation"),
    path("me/", views.profile, name="profile"),
    path("me/take-along/", views.take_along, name="take_along"),
    path("me/pictures/", picture_views.picture_dialog, name="picture_dialog"),
    path("me/picture/", picture_views.picture_choose, name="picture_choose"),
    path("me/picture/remove/", picture_views.picture_remove, name="picture_remove"),
    path("me/picture/restore/", picture_views.picture_restore, name="picture_restore"),
    path("language/", views.set_language, name="set_language"),
    path("drafts/", views.draft, name="draft"),
    path("unsent/", unsent_views.unsent_form, name="unsent"),
]
