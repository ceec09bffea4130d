"""URLs of reports."""

from django.urls import path

from community.reports import views

urlpatterns = [
    path("report/<str:kind>/<int:pk>/", views.report_new, name="report_new"),
    path("spaces/<int:pk>/room/<int:number>/report/", views.message_report, name="message_report"),
    path("reports/", views.reports, name="reports"),
    path("reports/<int:pk>/", views.report_detail, name="report_detail"),
]
