"""URLs of institutes."""

from django.urls import path

from community.institutes import views

urlpatterns = [
    path("new/", views.institute_new, name="institute_new"),
    path("<slug:slug>/", views.institute, name="institute"),
    path("<slug:slug>/edit/", views.institute_edit, name="institute_edit"),
    path("<slug:slug>/staff/<int:pk>/invite/", views.staff_invite, name="staff_invite"),
    path("<slug:slug>/staff/add/", views.staff_add, name="staff_add"),
    path("<slug:slug>/staff/<int:pk>/role/", views.staff_role, name="staff_role"),
    path("<slug:slug>/staff/<int:pk>/remove/", views.staff_remove, name="staff_remove"),
    path("<slug:slug>/staff/put-back/", views.staff_restore, name="staff_restore"),
]
