"""URLs of Today and of the desk."""

from django.urls import path

from followup.desk import views

urlpatterns = [
    path("", views.today, name="today"),
    path("drafts/<int:pk>/discard/", views.draft_discard, name="draft_discard"),
    path("drafts/put-back/", views.draft_restore, name="draft_restore"),
    path("my-months/", views.my_months, name="my_months"),
    path("desk/", views.desk, name="desk"),
    path("desk/months/", views.desk_months, name="desk_months"),
    path("desk/courses/", views.desk_courses, name="desk_courses"),
    path("desk/institutes/", views.desk_institutes, name="desk_institutes"),
]
