"""Files: /files/<pk>/<name>. The name is for the reader's eyes; the number finds the file."""

from django.urls import path

from messaging.files import views

urlpatterns = [
    path("<int:pk>/<str:name>", views.file, name="file"),
]
