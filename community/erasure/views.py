"""The page on which people ask to be erased, or keep their account after all."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from common.access import Refused
from community.erasure import actions
from community.erasure.forms import ErasureForm
from community.people import proofs


@never_cache
def erasure(request: HttpRequest) -> HttpResponse:
    """What goes and what stays; then, for who proves that it is they, the form. Or until when the account can
    be kept."""
    prove_url = f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}"
    is_proved = proofs.is_proved(request)
    obstacles = actions.obstacles_of(request.user)
    form = ErasureForm(request.POST or None, initial={"posts": "stay"})
    if request.method == "POST" and request.user.erasure_at is None:
        if not is_proved:
            return redirect(prove_url)
        if form.is_valid():
            try:
                actions.ask(user=request.user, takes_posts=form.cleaned_data["posts"] == "go")
            except Refused:
                return _page(request, form, obstacles, "", status=403)
            return redirect("erasure")
    status = 400 if form.errors else 200
    return _page(request, form, obstacles, "" if is_proved else prove_url, status=status)


def _page(
    request: HttpRequest, form: ErasureForm, obstacles: list[str], prove_url: str, *, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "obstacles": obstacles,
        "prove_url": prove_url,
        "days": actions.TIME_TO_THINK.days,
    }
    return render(request, "erasure/erasure.html", context, status=status)


@require_POST
def erasure_keep(request: HttpRequest) -> HttpResponse:
    """Keep the account."""
    if actions.keep(user=request.user):
        messages.success(request, gettext("Your account stays. Glad you’re still here."))
    return redirect("profile")
