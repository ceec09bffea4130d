"""URLs of completions."""

from django.urls import path

from followup.completions import views

urlpatterns = [
    path("runs/<int:pk>/completions/", views.completions, name="completions"),
    path("runs/<int:pk>/completions/tick/", views.completion_select, name="completion_select"),
    path("runs/<int:pk>/completions/upload/", views.completion_upload, name="completion_upload"),
    path("runs/<int:pk>/completions/paste/", views.completion_paste, name="completion_paste"),
    path("completions/<int:pk>/", views.completion_batch, name="completion_batch"),
    path("completions/<int:pk>/apply/", views.completion_apply, name="completion_apply"),
    path("completions/<int:pk>/drop/", views.completion_discard, name="completion_discard"),
    path("completions/<int:pk>/undo/", views.completion_undo, name="completion_undo"),
    path("completions/<int:pk>/refused.csv", views.completion_refused, name="completion_refused"),
]
