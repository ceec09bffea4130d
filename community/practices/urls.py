"""URLs of practices."""

from django.urls import path

from community.practices import board_views, comment_views, views

urlpatterns = [
    path("spaces/<int:pk>/practices/", board_views.practices, name="space_practices"),
    path("spaces/<int:pk>/practices/new/", views.practice_new, name="practice_new"),
    path("spaces/<int:pk>/practices/read/", views.mark_read, name="space_practices_read"),
    path("practices/<int:pk>/", views.practice, name="practice"),
    path("practices/<int:pk>/try/", views.practice_try, name="practice_try"),
    path("practices/<int:pk>/edit/", views.practice_edit, name="practice_edit"),
    path("practices/<int:pk>/withdraw/", views.practice_withdraw, name="practice_withdraw"),
    path("practices/<int:pk>/restore/", views.practice_restore, name="practice_restore"),
    path("comments/<int:pk>/edit/", comment_views.comment_edit, name="comment_edit"),
    path("comments/<int:pk>/withdraw/", comment_views.comment_withdraw, name="comment_withdraw"),
    path("comments/<int:pk>/restore/", comment_views.comment_restore, name="comment_restore"),
    path("comments/<int:pk>/accept/", comment_views.comment_accept, name="comment_accept"),
    path("comments/<int:pk>/unaccept/", comment_views.comment_unaccept, name="comment_unaccept"),
]
