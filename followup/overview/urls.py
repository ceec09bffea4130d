"""URLs of what was said in a month: by day, and by person."""

from django.urls import path

from followup.overview import views

urlpatterns = [
    path("months/<int:pk>/days/<str:day>/", views.month_day, name="month_day"),
    path("months/<int:pk>/people/<int:person>/", views.month_person, name="month_person"),
]
