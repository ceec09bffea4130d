"""What is done with a comment on a practice; the comments themselves are shown and written on its page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from common.access import require
from community.posts.permissions import can_edit
from community.posts.views import Writing, restore_view, takes_attachments, withdraw_view, write
from community.practices import comment_actions
from community.practices.comment_forms import CommentEditForm
from community.practices.comment_models import Comment
from community.practices.comment_queries import comment_path
from community.spaces.lookup import MemberRequest
from messaging.files.actions import keys_of


@takes_attachments
@require_http_methods(["GET", "HEAD", "POST"])
def comment_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change one's own comment."""
    comment = _comment_or_404(request, pk)
    require(can_edit(request.user, comment), gettext("Only the person who wrote this can edit it."))

    def edit(form: CommentEditForm) -> str:
        fields = {name: form.cleaned_data[name] for name in ("text", "files")}
        comment_actions.edit_comment(comment=comment, by=request.user, **fields)
        return comment_path(comment)

    def show(page: Writing) -> HttpResponse:
        context = {
            "practice": comment.practice,
            "space": comment.home,
            "people": reverse("post_people", args=[Comment.KIND, pk]),
            "back": comment_path(comment),
            **page.context(),
        }
        return render(request, "practices/comment_edit.html", context, status=page.status)

    written = {"text": comment.sent("text"), "files": keys_of(Comment.KIND, pk)}
    return write(request, form=CommentEditForm, act=edit, show=show, written=written)


comment_withdraw = withdraw_view(Comment, comment_path)
comment_restore = restore_view(Comment, comment_path)


@require_POST
def comment_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that this comment answers the question it was written for."""
    comment = _comment_or_404(request, pk)
    comment_actions.accept_answer(comment=comment, by=request.user)
    return redirect(comment_path(comment))


@require_POST
def comment_unaccept(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark the question that this comment answers as still without an answer."""
    comment = _comment_or_404(request, pk)
    comment_actions.unaccept(comment=comment, by=request.user)
    return redirect(comment_path(comment))


def _comment_or_404(request: MemberRequest, pk: int) -> Comment:
    comments = Comment.objects.visible_to(request.user)
    return get_object_or_404(comments.select_related("practice__space__institute", "answers"), pk=pk)
