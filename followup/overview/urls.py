"""URLs of the days of a month."""

from django.urls import path

from followup.overview import views

urlpatterns = [
    path("months/<int:pk>/days/<str:day>/", views.month_day, name="month_day"),
]
