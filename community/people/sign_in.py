"""Our rules for django-allauth.

Only a verified address signs in. The address of a profile is for contact, and others may share it. No page
reveals whether an address is known: all respond the same and send one mail, which does. A mail belongs to
whoever has verified its address, and to nobody before.
"""

import datetime as dt
import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common import clock
from common.networks import network_of
from community.people import actions, invitations, limits
from community.people.models import User
from community.people.zones import default_zone
from messaging.live import publish
from messaging.notifications import delivery, outbox
from messaging.notifications.models import Mail

MAIL_KINDS = {
    "account_already_exists": "account-exists",
    "email_changed": "account-address-changed",
    "email_deleted": "account-address-removed",
    "email_confirmation": "account-address-code",
    "email_confirmation_signup": "account-address-code",
    "login_code": "account-code",
    "password_changed": "account-password-changed",
    "password_reset": "account-password-changed",
    "password_reset_key": "account-new-password",
    "password_set": "account-password-changed",
    "unknown_account": "account-unknown",
}
"""Maps allauth's name of each mail to ours."""
MAIL_LIFETIMES = {
    "account-code": dt.timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
    "account-address-code": dt.timedelta(seconds=settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT),
    "account-new-password": dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
}
"""The mails with a code or a link that lets somebody in, and how long that works."""


class VerifiedAddressBackend(AuthenticationBackend):
    """Authenticates by a verified address and its password, never by the address of a profile."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user: User | None = self._check_password(actions.verified_owner_of(email), password)
        return user


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by a verified address, by password or by a mailed code."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is suspended."),
        "duplicate_email": _("This is already your address."),
        "email_password_mismatch": _("That email address and password don’t match."),
        "email_taken": _("This address belongs to another account."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("That isn’t the code we sent. Please check it again."),
        "incorrect_password": _("That isn’t your password."),
        "invalid_password_reset": _("This link no longer works. Please ask for a new one."),
        # After a few wrong codes; how often something is tried is counted in `limits`.
        "too_many_login_attempts": _("That code is no longer valid. Please ask for a new one."),
        "rate_limited": _("Too many attempts. Please wait a moment and try again."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The network address, never a reason to refuse a request."""
        return network_of(request) or "unknown"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at. Raises ValidationError beyond the limits."""
        if not limits.consume("password", request, _account_of(credentials)):
            raise ValidationError(limits.too_often("password", request, _account_of(credentials)))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user of these credentials; only wrong ones count."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            limits.forgive("password", request, _account_of(credentials))
        return user

    def logout(self, request: HttpRequest) -> None:
        """Sign out, and close the sockets of this session."""
        user_id, session_key = request.user.pk, request.session.session_key
        super().logout(request)
        if user_id is not None:
            publish.signed_out(user_id, session_key)

    def set_password(self, user: User, password: str) -> None:
        """Set another password, which ends all other sessions of the user, and closes their sockets."""
        super().set_password(user, password)
        publish.signed_out(user.pk)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether anybody may create an account; otherwise users are invited."""
        return settings.SIGN_UP_OPEN

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Create the account of a sign-up; the user joins when the address is verified."""
        user.name = form.cleaned_data["name"]
        user.language = get_language() or settings.LANGUAGE_CODE
        user.time_zone = default_zone(user.language)
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Verify an address; with the first one, the user has joined."""
        with transaction.atomic():
            actions.lock_address(email_address.email)
            confirmed = super().confirm_email(request, email_address)
            if confirmed:
                actions.join(email_address.user)
        return confirmed

    def send_account_already_exists_mail(self, email: str) -> None:
        """Mail the owner of a known address that somebody signed up with it; the page does not reveal it."""
        if not self._remind(email):
            self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send through the outbox, in the reader's language and without delay, since the user is
        waiting."""
        name = template_prefix.rpartition("/")[2]
        kind = MAIL_KINDS[name]
        if name == "unknown_account" and self._remind(email):
            return
        owner = actions.verified_owner_of(email)
        if not self._may_mail(kind, email, owner):
            return
        asking = owner or context.get("user")
        language = asking.language if asking else get_language() or settings.LANGUAGE_CODE
        lifetime = MAIL_LIFETIMES.get(kind)
        key = f"{kind}:{uuid.uuid4()}"
        outbox.post(
            key=key,
            kind=kind,
            user=owner,
            address=email,
            language=language,
            zone=asking.time_zone if asking else default_zone(language),
            context=context | {"open": settings.SIGN_UP_OPEN},
            expires_at=clock.now() + lifetime if lifetime else None,
            priority=Mail.Priority.CODE,
            has_secret=lifetime is not None,
        )
        delivery.send_soon(key)

    def _may_mail(self, kind: str, email: str, owner: User | None) -> bool:
        """Whether another mail of this kind may be sent: few to an address that nobody has verified, one a
        day to one that we do not know. Warnings are always sent: nobody can use up their number first.

        The pages that mail codes have asked the narrow limits before they made one (`forms.count_mail`)."""
        if kind == "account-unknown":
            return limits.consume("stranger", self.request, email)
        if kind in MAIL_LIFETIMES or kind == "account-exists":
            known = owner is not None
            return (
                limits.consume("letter", self.request, email)
                if known
                else not (invitations.has_enough_mails(email))
            )
        return True

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail, built from SITE_URL and never from the Host header of the request."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("profile") if self.request.user.is_authenticated else reverse(settings.LOGIN_URL)

    def is_safe_url(self, url: str) -> bool:
        """Whether this leads to a page of ours; what is no address at all does not."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def _remind(self, email: str) -> bool:
        return invitations.remind(email)


def _account_of(credentials: dict[str, Any]) -> str:
    return credentials.get("email") or ""
