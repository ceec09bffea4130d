"""The sign-in forms of allauth with our labels and without its placeholders. They look users up by verified
addresses only."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.addresses import AddressField
from common.fields import NameField
from community.people import invitations, limits
from community.people.actions import verified_owner_of
from community.people.models import User

LABELS = {
    "login": _("Email address"),
    "email": _("Email address"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "code": _("Code"),
}
NOTHING_TO_SAVE = _("Please check this:")
"""What stands above the errors of a form that saves nothing, such as that of signing in."""


def password_rules() -> str:
    """The password rules in one sentence; the validators of the settings enforce them."""
    return gettext("At least 10 characters, not only digits, and not a common password.")


def no_password_needed() -> str:
    """The help text of a first password, which is optional."""
    return gettext("Leave it empty to sign in with an emailed code each time. %(rules)s") % {
        "rules": password_rules()
    }


def count(action: str, account: str = "") -> None:
    """Count an attempt. Raises ValidationError beyond the limits."""
    if not limits.consume(action, context.request, account):
        raise forms.ValidationError(limits.too_often(action, context.request, account))


def count_mail(address: str) -> None:
    """Count that a visitor asks for a mail to this address. Raises ValidationError beyond the limits, whether
    or not the address is known."""
    count("mail", address)


class OurLabels:
    """Our labels, without placeholders, which disappear while typing; and addresses in their one spelling."""

    fields: dict[str, forms.Field]
    errors_heading = NOTHING_TO_SAVE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in list(self.fields.items()):
            if isinstance(field, forms.EmailField):
                field = self.fields[name] = AddressField(widget=field.widget)
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name == "password1":
                field.help_text = password_rules()
            elif name in ("password", "oldpassword"):
                field.help_text = ""
        # A new password is typed once: after a typo, the user resets it by mail.
        self.fields.pop("password2", None)


class LoginForm(OurLabels, allauth_forms.LoginForm):
    """Address and password; the page also offers a code and, if sign-up is open, an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Password managers file a password under this field.
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].error_messages["required"] = gettext(
            "Type your password, or have a code emailed to you."
        )

    @property
    def open_sign_up(self) -> bool:
        """Whether anybody may create an account."""
        return settings.SIGN_UP_OPEN


class RequestCodeForm(OurLabels, allauth_forms.RequestLoginCodeForm):
    """An address to mail a sign-in code to."""

    def clean_email(self) -> str:
        """Find the user, if any; the response is the same either way (no account enumeration)."""
        email: str = self.cleaned_data["email"]
        owner = verified_owner_of(email)
        self._user = owner if owner and owner.is_active else None
        count_mail(email)
        return email


class ConfirmCodeForm(OurLabels, allauth_forms.ConfirmLoginCodeForm):
    """The code from the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}


class ConfirmAddressForm(OurLabels, allauth_forms.ConfirmEmailVerificationCodeForm):
    """The code that verifies an address. Its user reads that mailbox, so an error may be specific."""

    def clean_code(self) -> str:
        code: str = allauth_forms.BaseConfirmCodeForm.clean_code(self)
        owner = verified_owner_of(self.email)
        if owner is not None and owner != self.user:
            raise get_adapter().validation_error("email_taken")
        return code


class SignupForm(OurLabels, allauth_forms.SignupForm):
    """Open sign-up: name and address; the password is optional."""

    name = NameField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = no_password_needed()

    def validate_unique_email(self, value: str) -> str:
        """An address that is verified or invited gets a mail instead of a second account."""
        count_mail(value)
        count("sign-up")
        is_invited = User.objects.filter(email=value, joined_at=None).exists()
        self.account_already_exists = is_invited or verified_owner_of(value) is not None
        return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # Hash a password as for a new account, so that the response time does not reveal that it exists.
            User().set_password(self.cleaned_data.get("password1") or None)
        return super().try_save(request)


class ChangeAddressForm(OurLabels, allauth_forms.AddEmailForm):
    """Another address to sign in with; it replaces the current one when its code is entered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New email address")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if verified_owner_of(email) == self.user:
            raise get_adapter().validation_error("duplicate_email")
        count_mail(email)
        count("address", str(self.user.pk))
        if verified_owner_of(email) is None and invitations.has_enough_mails(email):
            raise forms.ValidationError(limits.within_an_hour())
        return email


class ForgottenPasswordForm(OurLabels, allauth_forms.ResetPasswordForm):
    """An address to mail a link for a new password to."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        count_mail(email)
        owner = verified_owner_of(email)
        self.users = [owner] if owner and owner.is_active else []
        return email


class NewPasswordForm(OurLabels, allauth_forms.ResetPasswordKeyForm):
    """A new password, by the link from the mail."""


class ChangePasswordForm(OurLabels, allauth_forms.ChangePasswordForm):
    """A new password, confirmed by the current one."""

    def clean_oldpassword(self) -> str:
        """Guessing it is limited as on the sign-in page."""
        account = self.user.email
        count("password", account)
        password: str = super().clean_oldpassword()
        limits.forgive("password", context.request, account)
        return password


class SetPasswordForm(OurLabels, allauth_forms.SetPasswordForm):
    """A first password, for a user who has signed in by codes so far."""


class ReauthenticateForm(OurLabels, allauth_forms.ReauthenticateForm):
    """The password again, before a change of the address or a first password."""
