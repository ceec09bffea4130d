"""URLs of a month's steps."""

from django.urls import path

from followup.steps import views

urlpatterns = [
    path("months/<int:pk>/steps/", views.step_list, name="month_steps"),
    path("months/<int:pk>/steps/tell/", views.report, name="month_report_step"),
]
