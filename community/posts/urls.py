"""URLs of what every kind of post has."""

from django.urls import path

from community.posts import answer_views, views

urlpatterns = [
    path("posts/<slug:kind>/<int:pk>/", answer_views.post_more, name="post_more"),
    path("posts/<slug:kind>/<int:pk>/people/", answer_views.post_people, name="post_people"),
    path("spaces/<int:pk>/posts/people/", answer_views.space_people, name="space_post_people"),
    path("posts/<slug:kind>/<int:pk>/mark/", answer_views.post_mark, name="post_mark"),
    path("texts/as-html/", views.text_as_html, name="text_as_html"),
]
