"""The picture of oneself, and the dialog in which a picture is blurred and cropped before it is sent."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common import undo
from common.access import Refused
from common.rates import require_upload_pace
from common.uploads import takes_files
from community.people import actions
from community.people.forms import PictureForm
from community.people.picture_actions import choose_picture, remove_picture
from messaging.files.actions import receive
from messaging.files.file_types import UploadError
from messaging.files.models import File


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def picture_dialog(request: HttpRequest) -> HttpResponse:
    """GET: the dialog in the reader's language, for `js/lib/pictures.js`. POST: the reader has seen what it
    says about pupils, which is said once."""
    if request.method == "POST":
        actions.record_pictures_explained(user=request.user)
        return HttpResponse(status=204)
    return render(request, "people/picture_dialog.html")


@takes_files(settings.UPLOAD_LIMIT_BYTES)
@require_POST
def picture_choose(request: HttpRequest) -> HttpResponse:
    """Use a picture that the form brings."""
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        for reason in form.errors.get("picture", []):
            messages.warning(request, str(reason))
        return redirect("profile")
    upload = form.cleaned_data["picture"]
    try:
        require_upload_pace(request.user.pk, upload.size)
        file = receive(upload=upload, by=request.user, shape="portrait")
        choose_picture(user=request.user, file=file)
    except (UploadError, Refused) as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, gettext("Saved."))
    return redirect("profile")


@require_POST
def picture_remove(request: HttpRequest) -> HttpResponse:
    """Remove the picture; the page that follows offers to restore it."""
    user, picture = request.user, request.user.picture
    response = redirect("profile")
    if picture is not None:
        remove_picture(user=user)
        response["Location"] += f"?undo={undo.create_token('picture', user, picture=picture)}#picture"
    return response


@require_POST
def picture_restore(request: HttpRequest) -> HttpResponse:
    """Undo a removal."""
    user = request.user
    ids = undo.read_token("picture", user, request.POST.get("note", ""))
    file = File.objects.waiting_of(user).filter(pk=ids["picture"]).first() if ids else None
    if file is not None:
        choose_picture(user=user, file=file)
    else:
        messages.warning(request, gettext("It’s too late to undo this. Please choose the picture again."))
    return redirect("profile")
