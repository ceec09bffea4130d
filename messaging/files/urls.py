"""URLs of files: /files/<pk>/<name>. The file is looked up by its number; the name is for people only."""

from django.urls import path

from messaging.files import views

urlpatterns = [
    path("<int:pk>/<str:name>", views.file, name="file"),
]
