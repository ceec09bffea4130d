"""URLs of the demo, which `config.urls` includes only if the demo's sign-in is on."""

from django.urls import path

from followup.demo import tour_views, views

urlpatterns = [
    path("", views.choices, name="demo"),
    path("be/", views.sign_in, name="demo_sign_in"),
    path("tour/", tour_views.tour_stop, name="demo_tour"),
    path("tour/list.csv", tour_views.sample, name="demo_sample"),
    path("second/<str:signed>/", tour_views.second_window, name="demo_second"),
    path("mail/", views.mails, name="demo_mails"),
    path("mail/<int:pk>/", views.mail, name="demo_mail"),
    path("mail/<int:pk>/letter/", views.mail_body, name="demo_mail_body"),
]
