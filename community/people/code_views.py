"""The pages on which a mailed code is typed. Whether another one may be mailed is asked before it is made:
the last one works on when it may not."""

from typing import Any

from allauth.account import views
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

from community.people import invitations, limits
from community.people.actions import verified_owner_of


class RequestLoginCode(views.RequestLoginCodeView):
    """Asks for the address to mail a code to, unless it was typed on the page of signing in."""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form. Signing in posts the address as `login`; without one, nothing was typed yet."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        address = self.request.POST.get("login")
        if address is None:
            return kwargs
        return kwargs | {"data": {"email": address} if address.strip() else None, "files": None}


class ConfirmLoginCode(views.ConfirmLoginCodeView):
    """The code that signs in. Whether the address is known is not revealed: all are limited alike."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._action == "resend" and not limits.consume("mail", request, _address_of(self)):
            messages.warning(request, limits.too_often("mail", request, _address_of(self)))
            return redirect(request.get_full_path())
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


@method_decorator(login_not_required, name="dispatch")
class ConfirmAddressCode(views.ConfirmEmailVerificationCodeView):
    """The code that verifies an address, after a sign-up or for another address."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        address = _address_of(self)
        if self._action == "resend":
            if not limits.consume("mail", request, address):
                messages.warning(request, limits.too_often("mail", request, address))
                return redirect(request.get_full_path())
            if verified_owner_of(address) is None and invitations.has_enough_mails(address):
                return self._leave_out_mail(request)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def _leave_out_mail(self, request: HttpRequest) -> HttpResponse:
        """Say that it was too often, but not to a visitor, who would learn that nobody has this address."""
        if request.user.is_authenticated:
            messages.warning(request, limits.within_an_hour())
            return redirect(request.get_full_path())
        self._process.record_resend()
        self._process.persist()
        return redirect(request.get_full_path())


def _address_of(page: ConfirmLoginCode | ConfirmAddressCode) -> str:
    return str(page._process.state["email"])
