"""URLs of the demo, which `config.urls` includes only if the demo's sign-in is on."""

from django.urls import path

from followup.demo import views

urlpatterns = [
    path("", views.to_be, name="demo"),
    path("be/", views.be, name="demo_be"),
    path("mail/", views.mails, name="demo_mails"),
    path("mail/<int:pk>/", views.mail, name="demo_mail"),
    path("mail/<int:pk>/letter/", views.letter, name="demo_letter"),
]
