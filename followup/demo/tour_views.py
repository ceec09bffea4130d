"""The stops of the tour, its sample list, and the second window."""

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.languages import keep_language
from community.people.invitations import is_local
from community.people.models import User
from followup.courses.models import Run
from followup.demo import people, sample_list, windows
from followup.demo.people import Cast
from followup.demo.tour import COOKIE, STOPS, Tour, keep, tour_of
from followup.demo.views import only_in_the_demo


@only_in_the_demo
@require_POST
def tour_stop(request: HttpRequest) -> HttpResponse:
    """Go to a stop of the tour, as the person it is about; or leave the tour and stay on the page, or finish
    it."""
    if "leave" in request.POST:
        tour, back = tour_of(request) or Tour(1, is_left=True), request.POST.get("next", "")
        return keep(redirect(back if is_local(back) else "demo"), Tour(tour.number, is_left=True))
    if "finish" in request.POST:
        response = redirect("demo")
        response.delete_cookie(COOKIE, samesite="Lax")
        return response
    number = request.POST.get("stop", "")
    if number not in [str(each + 1) for each in range(len(STOPS))]:
        raise Http404
    tour, cast = Tour(int(number), is_left=False), _cast()
    if cast is None:
        return redirect("demo")
    if tour.stop.role:
        _become(request, _person(cast, tour.stop.role))
    return keep(_place_of(tour, cast, request), tour)


@only_in_the_demo
@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """The sample list as a file, which spreadsheet programs read as UTF-8 by its first character."""
    text = sample_list.sample_for(people.programme_of(request.user))
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{gettext("sample-list")}.csv"'
    return response


@only_in_the_demo
@require_safe
def second_window(request: HttpRequest, signed: str) -> HttpResponse:
    """Sign in as who talks with the user of the first window, and go to the chat of both; or pick a person.

    This is a link, so that it opens under the other name of the server; its pass is made by a page of ours.
    """
    try:
        first, language = windows.read_pass(signed)
    except signing.BadSignature:
        return redirect("demo")
    user = User.objects.filter(pk=first).first()
    other = people.counterpart_of(user) if user else None
    if user is None or other is None:
        return keep_language(redirect("demo"), language)
    _become(request, other)
    space = windows.space_of_both(user, other)
    response = redirect("space_room", space.pk) if space else redirect(settings.LOGIN_REDIRECT_URL)
    return keep_language(response, language)


def _cast() -> Cast | None:
    """The programme of the tour: the first of the visitor's language with everybody whom the tour needs."""
    roles = {stop.role for stop in STOPS if stop.role}
    casts = people.sign_in_choices()
    return next((cast for cast in casts if all(cast.first(role) for role in roles)), None)


def _person(cast: Cast, role: str) -> User:
    choice = cast.first(role)
    assert choice is not None, role
    return choice.user


def _become(request: HttpRequest, user: User) -> None:
    if request.user != user:
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])


def _place_of(tour: Tour, cast: Cast, request: HttpRequest) -> HttpResponse:
    """The page on which a stop begins."""
    if tour.stop.key == "email":
        return redirect("demo_mails")
    if tour.stop.key == "talk":
        space = windows.space_of_both(_person(cast, "participant"), _person(cast, "trainer"))
        if space is not None:
            return redirect("space_room", space.pk)
    if tour.stop.key == "list":
        run = _run_for_list(_person(cast, "coordinator"))
        if run is not None:
            return redirect("completions", run.pk)
    return redirect(settings.LOGIN_REDIRECT_URL)


def _run_for_list(coordinator: User) -> Run | None:
    """A course group to bring a list for: one whose follow-up is not open yet, or else is open."""
    space = "month_run__month__space"
    takes_list = Q(month_run=None) | Q(**{f"{space}__closes_at__gt": clock.now()})
    runs = Run.objects.completable_by(coordinator).filter(takes_list)
    return runs.order_by(F(f"{space}__opened_at").desc(nulls_first=True), "pk").first()
