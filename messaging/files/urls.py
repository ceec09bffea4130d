"""URLs of files. A file is looked up by its number; its name is for people only."""

from django.urls import path

from messaging.files import upload_views, views

urlpatterns = [
    path("files/uploads/", upload_views.uploads, name="uploads"),
    path("files/uploads/<str:key>/", upload_views.upload, name="upload"),
    path("files/<int:pk>/<str:name>", views.file, name="file"),
    path("pictures/<int:pk>/<str:size>", views.picture, name="picture"),
]
