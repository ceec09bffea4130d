"""URLs of what every kind of post has."""

from django.urls import path

from community.posts import answer_views

urlpatterns = [
    path("posts/<slug:kind>/<int:pk>/", answer_views.post_more, name="post_more"),
    path("posts/<slug:kind>/<int:pk>/mark/", answer_views.post_mark, name="post_mark"),
]
