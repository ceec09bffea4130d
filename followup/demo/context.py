"""Template context of the demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from community.people.middleware import page_of
from followup.demo import people, sample_list, windows
from followup.demo.tour import STOPS, tour_of


def demo(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the people to sign in as, queried when a template reads them, and the tour."""
    if not settings.DEMO_SIGN_IN:
        return {}
    return {
        "in_demo": True,
        "demo_casts": people.sign_in_choices,
        "demo_page": lambda: request.get_full_path() if request.method == "GET" else page_of(request),
        "demo_tour": tour_of(request),
        "demo_tour_stops": STOPS,
        "demo_sample": lambda: sample_list.sample_for(people.programme_of(request.user)),
        "demo_second_window": lambda: windows.link_for(request, to_talk=True),
        "demo_other_window": lambda: windows.link_for(request, to_talk=False),
    }
