"""The sign-in forms of allauth with our labels and without its placeholders. They look users up by verified
addresses only."""

from typing import Any

from allauth.account import forms as theirs
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.people.actions import holder_of
from community.people.models import User, normalize_address

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "code": _("Code"),
}


def password_rules() -> str:
    """What a password must be, in one line; the validators of the settings say the same at length."""
    return gettext("At least ten characters, not only digits, and nothing that everybody uses.")


def no_password_needed() -> str:
    """What stands beside a first password, which one may do without."""
    return gettext("Leave it empty to sign in by a mailed code each time. %(rules)s") % {
        "rules": password_rules()
    }


class PlainWords:
    """Our labels, and no placeholders, which vanish as one types."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name == "password1":
                field.help_text = password_rules()
            elif name in ("password", "oldpassword"):
                field.help_text = ""
        # One new password is typed once: whoever mistypes it asks for a mail.
        self.fields.pop("password2", None)


class LoginForm(PlainWords, theirs.LoginForm):
    """Address and password; the page offers a code and, where that is so, an account beside it."""

    @property
    def open_sign_up(self) -> bool:
        """Whether anybody may make an account."""
        return settings.SIGN_UP_OPEN


class RequestCodeForm(PlainWords, theirs.RequestLoginCodeForm):
    """An address to mail a sign-in code to."""

    def clean_email(self) -> str:
        """Keep the user, if any; the page responds the same either way (no enumeration)."""
        email = normalize_address(self.cleaned_data["email"])
        holder = holder_of(email)
        self._user = holder if holder and holder.is_active else None
        if not ratelimit.consume(context.request, action="request_login_code", key=email):
            raise get_adapter().validation_error("too_many_login_attempts")
        return email


class ConfirmCodeForm(PlainWords, theirs.ConfirmLoginCodeForm):
    """The code from the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}


class ConfirmAddressForm(PlainWords, theirs.ConfirmEmailVerificationCodeForm):
    """The code that verifies an address. Whoever has it reads that mailbox, so an error may be specific."""

    def clean_code(self) -> str:
        code: str = theirs.BaseConfirmCodeForm.clean_code(self)
        holder = holder_of(self.email)
        if holder is not None and holder != self.user:
            raise get_adapter().validation_error("email_taken")
        return code


class SignupForm(PlainWords, theirs.SignupForm):
    """Open sign-up: name and address; a password only for who wants one."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = no_password_needed()

    def validate_unique_email(self, value: str) -> str:
        """An address that is verified or invited gets a mail instead of a second account."""
        expected = User.objects.filter(email=normalize_address(value), joined_at=None).exists()
        self.account_already_exists = expected or holder_of(value) is not None
        return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # Takes as long as creating an account, so that the duration does not tell.
            User().set_password(self.cleaned_data.get("password1") or None)
        return super().try_save(request)


class ChangeAddressForm(PlainWords, theirs.AddEmailForm):
    """Another address to sign in with; it replaces the present one when its code is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")

    def clean_email(self) -> str:
        email = normalize_address(self.cleaned_data["email"])
        if holder_of(email) == self.user:
            raise get_adapter().validation_error("duplicate_email")
        return email


class ForgottenPasswordForm(PlainWords, theirs.ResetPasswordForm):
    """An address to mail a link for a new password to."""

    def clean_email(self) -> str:
        email = normalize_address(self.cleaned_data["email"])
        holder = holder_of(email)
        self.users = [holder] if holder and holder.is_active else []
        return email


class NewPasswordForm(PlainWords, theirs.ResetPasswordKeyForm):
    """A new password, by the link from the mail."""


class ChangePasswordForm(PlainWords, theirs.ChangePasswordForm):
    """A new password, by the present one."""


class SetPasswordForm(PlainWords, theirs.SetPasswordForm):
    """A first password, for who has signed in by codes so far."""


class ReauthenticateForm(PlainWords, theirs.ReauthenticateForm):
    """The password once more, before something that matters."""
