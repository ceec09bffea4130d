"""URLs of materials: of a month's space, and of a course group whose month is not open yet."""

from django.urls import path

from followup.materials import run_views, views

urlpatterns = [
    path("months/<int:pk>/materials/", views.material_list, name="month_materials"),
    path(
        "months/<int:pk>/materials/<int:material_pk>/remove/", views.material_remove, name="material_remove"
    ),
    path(
        "months/<int:pk>/materials/<int:material_pk>/restore/",
        views.material_restore,
        name="material_restore",
    ),
    path("runs/<int:pk>/materials/", run_views.run_materials, name="run_materials"),
    path(
        "runs/<int:pk>/materials/<int:material_pk>/remove/",
        run_views.run_material_remove,
        name="run_material_remove",
    ),
    path(
        "runs/<int:pk>/materials/<int:material_pk>/restore/",
        run_views.run_material_restore,
        name="run_material_restore",
    ),
]
