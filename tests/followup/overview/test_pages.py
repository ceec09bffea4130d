"""What the pages of a space ask of the database."""

from collections.abc import Callable

from django.urls import reverse

from common import clock
from messaging.notifications import bell
from tests import written
from tests.access.objects import live_hour_of
from tests.cast import ZONE, Cast, close_now

MOST_STATEMENTS = 6
SHARE = "Share what you tried"


def test_a_page_of_a_space_takes_six_statements_at_most_for_who_has_read_all(
    cast: Cast, as_: Callable, django_assert_max_num_queries: Callable
) -> None:
    thread = written.start(cast.space, cast.participant)
    for author in (cast.participant, cast.trainer):
        written.reply_to(thread, author)
    written.ask(cast.space, cast.another_participant)
    practice = written.publish(cast.space, cast.participant)
    written.say(cast.space, cast.trainer)
    live_hour_of(cast)
    of_space = ("space", "space_questions", "space_practices", "space_people", "space_room")
    of_month = ("month_steps", "live_hours", "month_materials")
    pages = [
        *(reverse(name, args=[cast.space.pk]) for name in of_space),
        *(reverse(name, args=[cast.month.pk]) for name in of_month),
        reverse("month_day", args=[cast.month.pk, clock.today(ZONE).isoformat()]),
        reverse("thread", args=[thread.pk]),
        reverse("practice", args=[practice.pk]),
    ]
    for reader in (cast.participant, cast.trainer):
        client = as_(reader)
        for page in pages:
            client.get(page)
        bell.mark_all_seen(user=reader)
        for page in pages:
            with django_assert_max_num_queries(MOST_STATEMENTS, info=f"{reader.name}: {page}"):
                client.get(page)


def test_only_participants_are_asked_to_share_what_they_tried(cast: Cast, as_: Callable) -> None:
    def asked() -> set[str]:
        readers = ("participant", "trainer", "coordinator", "evaluator")
        page = reverse("space", args=[cast.space.pk])
        return {who for who in readers if SHARE in as_(cast.who(who)).get(page).content.decode()}

    assert asked() == {"participant"}
    close_now(cast.space)
    assert asked() == {"participant"}
