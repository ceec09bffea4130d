"""Files: /files/<pk>/<name>. The number finds the file; the name is for people only."""

from django.urls import path

from messaging.files import views

urlpatterns = [
    path("<int:pk>/<str:name>", views.file, name="file"),
]
