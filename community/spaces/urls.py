"""Addresses of a space's people. Its other pages belong to what stands in them."""

from django.urls import path

from community.spaces import views

urlpatterns = [
    path("spaces/<int:pk>/people/", views.people, name="space_people"),
    path("spaces/<int:pk>/people/<int:member>/remove/", views.member_remove, name="member_remove"),
    path("spaces/<int:pk>/people/<int:member>/return/", views.member_return, name="member_return"),
]
