"""URLs of conversations."""

from django.urls import path

from community.threads import saving_views, views

urlpatterns = [
    path("spaces/<int:pk>/questions/", views.questions, name="space_questions"),
    path("spaces/<int:pk>/read/", views.mark_read, name="space_read"),
    path("spaces/<int:pk>/threads/new/", views.thread_new, name="thread_new"),
    path("spaces/<int:pk>/questions/new/", views.question_new, name="question_new"),
    path("spaces/<int:pk>/room/keep/", saving_views.room_keep, name="room_keep"),
    path("threads/<int:pk>/", views.thread, name="thread"),
    path("threads/<int:pk>/edit/", views.thread_edit, name="thread_edit"),
    path("threads/<int:pk>/withdraw/", views.thread_withdraw, name="thread_withdraw"),
    path("threads/<int:pk>/restore/", views.thread_restore, name="thread_restore"),
    path("threads/<int:pk>/unaccept/", views.thread_unaccept, name="thread_unaccept"),
    path("threads/<int:pk>/open/", views.thread_open, name="thread_open"),
    path("threads/<int:pk>/pin/", views.thread_pin, name="thread_pin"),
    path("threads/<int:pk>/unpin/", views.thread_unpin, name="thread_unpin"),
    path("replies/<int:pk>/", views.reply, name="reply"),
    path("replies/<int:pk>/edit/", views.reply_edit, name="reply_edit"),
    path("replies/<int:pk>/withdraw/", views.reply_withdraw, name="reply_withdraw"),
    path("replies/<int:pk>/restore/", views.reply_restore, name="reply_restore"),
    path("replies/<int:pk>/accept/", views.reply_accept, name="reply_accept"),
]
