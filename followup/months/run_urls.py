"""Addresses of what leads a course group to its month: completions, and materials before it is open."""

from django.urls import path

from followup.months import run_materials
from followup.months.completions import views

urlpatterns = [
    path("runs/<int:pk>/completions/", views.completions, name="completions"),
    path("runs/<int:pk>/completions/tick/", views.completion_tick, name="completion_tick"),
    path("runs/<int:pk>/completions/upload/", views.completion_upload, name="completion_upload"),
    path("completions/<int:pk>/", views.completion_batch, name="completion_batch"),
    path("completions/<int:pk>/apply/", views.completion_apply, name="completion_apply"),
    path("completions/<int:pk>/drop/", views.completion_drop, name="completion_drop"),
    path("completions/<int:pk>/undo/", views.completion_undo, name="completion_undo"),
    path("completions/<int:pk>/refused.csv", views.completion_refused, name="completion_refused"),
    path("runs/<int:pk>/materials/", run_materials.run_materials, name="run_materials"),
    path(
        "runs/<int:pk>/materials/<int:material_pk>/remove/",
        run_materials.run_material_remove,
        name="run_material_remove",
    ),
    path(
        "runs/<int:pk>/materials/<int:material_pk>/restore/",
        run_materials.run_material_restore,
        name="run_material_restore",
    ),
]
