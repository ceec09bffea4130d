"""URLs of a month."""

from django.urls import path

from followup.months import views

urlpatterns = [
    path("months/<int:pk>/extend/", views.extend, name="month_extend"),
    path("months/<int:pk>/extend/<int:extension_pk>/answer/", views.answer, name="extension_answer"),
    path("months/<int:pk>/read-along/", views.read_along, name="month_read_along"),
]
