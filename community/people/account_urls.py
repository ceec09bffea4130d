"""URLs of the account where ours differs from allauth's: they ask who it is or whether another code may be
mailed, or take an address from another page. They stand before those of allauth with the same paths."""

from allauth.account import views
from django.urls import path

from community.people import proof_views
from community.people.code_views import ConfirmAddressCode, ConfirmLoginCode, RequestLoginCode
from community.people.proofs import needs_proof

urlpatterns = [
    path("email/", needs_proof(views.email), name="account_email"),
    path("password/set/", needs_proof(views.password_set), name="account_set_password"),
    path("login/code/", RequestLoginCode.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", ConfirmLoginCode.as_view(), name="account_confirm_login_code"),
    path("confirm-email/", ConfirmAddressCode.as_view(), name="account_email_verification_sent"),
    path("reauthenticate/", proof_views.prove, name="account_reauthenticate"),
    path("reauthenticate/code/", proof_views.prove_by_code, name="account_reauthenticate_code"),
]
