"""Addresses of a space's people and its room. Its other pages belong to what stands in them."""

from django.urls import path

from community.spaces import room_search_views, room_views, views

urlpatterns = [
    path("spaces/<int:pk>/people/", views.people, name="space_people"),
    path("spaces/<int:pk>/people/<int:member>/remove/", views.member_remove, name="member_remove"),
    path("spaces/<int:pk>/people/<int:member>/return/", views.member_return, name="member_return"),
    path("spaces/<int:pk>/room/", room_views.room, name="space_room"),
    path("spaces/<int:pk>/room/join/", room_views.room_join, name="room_join"),
    path("spaces/<int:pk>/room/read/", room_views.room_read, name="room_read"),
    path("spaces/<int:pk>/room/<int:number>/edit/", room_views.message_edit, name="message_edit"),
    path("spaces/<int:pk>/room/<int:number>/withdraw/", room_views.message_withdraw, name="message_withdraw"),
    path("spaces/<int:pk>/room/<int:number>/restore/", room_views.message_restore, name="message_restore"),
    path("spaces/<int:pk>/room/<int:number>/react/", room_views.message_react, name="message_react"),
    path("spaces/<int:pk>/room/search/", room_search_views.room_search, name="room_search"),
    path("spaces/<int:pk>/room/members/", room_search_views.room_members, name="room_members"),
    path("spaces/<int:pk>/room/readers/", room_search_views.room_readers, name="room_readers"),
]
