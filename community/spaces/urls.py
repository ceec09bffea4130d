"""URLs of a space: its front page and its people. Other pages belong to the subjects in it."""

from django.urls import path

from community.spaces import views

urlpatterns = [
    path("spaces/<int:pk>/", views.space, name="space"),
    path("spaces/<int:pk>/people/", views.people, name="space_people"),
    path("spaces/<int:pk>/people/<int:member>/remove/", views.member_dismiss, name="member_dismiss"),
    path("spaces/<int:pk>/people/<int:member>/return/", views.member_readmit, name="member_readmit"),
]
