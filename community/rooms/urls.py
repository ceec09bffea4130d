"""URLs of a space's room."""

from django.urls import path

from community.rooms import search_views, views

urlpatterns = [
    path("spaces/<int:pk>/room/", views.room, name="space_room"),
    path("spaces/<int:pk>/room/join/", views.room_join, name="room_join"),
    path("spaces/<int:pk>/room/read/", views.room_read, name="room_read"),
    path("spaces/<int:pk>/room/<int:number>/edit/", views.message_edit, name="message_edit"),
    path("spaces/<int:pk>/room/<int:number>/withdraw/", views.message_withdraw, name="message_withdraw"),
    path("spaces/<int:pk>/room/<int:number>/restore/", views.message_restore, name="message_restore"),
    path("spaces/<int:pk>/room/<int:number>/react/", views.message_react, name="message_react"),
    path("spaces/<int:pk>/room/search/", search_views.room_search, name="room_search"),
    path("spaces/<int:pk>/room/members/", search_views.room_members, name="room_members"),
    path("spaces/<int:pk>/room/hour/", views.room_hour, name="room_hour"),
    path("spaces/<int:pk>/room/readers/", search_views.room_readers, name="room_readers"),
]
