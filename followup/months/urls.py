"""Addresses of a month: /months/<pk>/…"""

from django.urls import path

from followup.months import live_hour_views, views

urlpatterns = [
    path("<int:pk>/extend/", views.extend, name="month_extend"),
    path("<int:pk>/extend/<int:extension_pk>/answer/", views.answer, name="extension_answer"),
    path("<int:pk>/materials/", views.material_list, name="month_materials"),
    path("<int:pk>/materials/<int:material_pk>/remove/", views.material_remove, name="material_remove"),
    path("<int:pk>/materials/<int:material_pk>/restore/", views.material_restore, name="material_restore"),
    path("<int:pk>/steps/", views.step_list, name="month_steps"),
    path("<int:pk>/steps/tell/", views.tell, name="month_tell"),
    path("<int:pk>/read-along/", views.read_along, name="month_read_along"),
    path("<int:pk>/hours/", live_hour_views.live_hours, name="live_hours"),
    path("<int:pk>/hours/now/", live_hour_views.live_now, name="live_now"),
    path("<int:pk>/hours/<int:hour_pk>/", live_hour_views.live_hour_move, name="live_hour_move"),
    path("<int:pk>/hours/<int:hour_pk>/cancel/", live_hour_views.live_hour_cancel, name="live_hour_cancel"),
    path("<int:pk>/hours/<int:hour_pk>/keep/", live_hour_views.live_hour_keep, name="live_hour_keep"),
]
