"""The dialog in which a picture is blurred and cropped before it is sent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.people import actions


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def picture_dialog(request: HttpRequest) -> HttpResponse:
    """GET: the dialog in the reader's language, for `js/lib/pictures.js`. POST: the reader has seen what it
    says about pupils, which is said once."""
    if request.method == "POST":
        actions.record_pictures_explained(user=request.user)
        return HttpResponse(status=204)
    return render(request, "people/picture_dialog.html")
