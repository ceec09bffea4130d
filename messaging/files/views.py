"""Downloads. The permission is checked at every request."""

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from messaging.files.models import File


@require_safe
def file(request: HttpRequest, pk: int, name: str) -> FileResponse:
    """A file as an attachment, so that a browser saves it and never renders it on our origin."""
    found = get_object_or_404(File, pk=pk)
    if not found.is_visible_to(request.user):
        raise Http404
    response = FileResponse(
        found.blob.open("rb"), as_attachment=True, filename=found.name, content_type=found.content_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
