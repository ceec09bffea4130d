"""The bell itself: once per key, exact, cleared everywhere, with a log that has no gaps."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import OuterRef

from common import clock
from community.people.models import User
from community.spaces.actions import dismiss_member, readmit
from messaging.live.streams import Stream, may_follow, newest, still_allowed
from messaging.notifications import bell
from messaging.notifications.models import Bell, BellEntry, Notification
from messaging.notifications.person_stream import PersonEntry, PersonLog
from messaging.notifications.queries import items_of, with_text
from tests.cast import Cast, join, person


def tell(cast: Cast, *users: User, key: str = "closed:1", **more: object) -> list[Notification]:
    usual = {
        "kind": "closed",
        "thing": ("space", cast.space.pk),
        "scope": cast.space.scope,
        "path": f"/spaces/{cast.space.pk}/",
        "context": {"title": cast.space.title, "space": cast.space.title},
    }
    first = bell.notify_many(users=users, key=key, **(usual | more))
    return list(Notification.objects.filter(user__in=first, key=key).order_by("user"))


def numbers_of(user: User) -> list[int]:
    return list(BellEntry.objects.filter(bell__user=user).order_by("pk").values_list("number", flat=True))


def log_of(user: User, after: int = 0) -> list[PersonEntry]:
    return PersonLog().after(user.pk, after, 200)


def said_to(user: User) -> list[str]:
    return [line.text for line in with_text(user, items_of(user))]


def test_one_key_is_notified_once(cast: Cast) -> None:
    assert len(tell(cast, cast.participant)) == 1
    assert tell(cast, cast.participant) == []
    assert bell.unseen_count(cast.participant) == 1
    assert numbers_of(cast.participant) == [1]


def test_each_of_several_people_is_notified_once_per_key(cast: Cast) -> None:
    tell(cast, cast.participant)
    assert [one.user for one in tell(cast, cast.participant, cast.trainer)] == [cast.trainer]


def test_nobody_is_notified_of_what_they_did_themselves(cast: Cast) -> None:
    tell(cast, cast.participant, cast.trainer, by=cast.trainer)
    assert bell.unseen_count(cast.trainer) == 0
    assert bell.unseen_count(cast.participant) == 1


def test_notify_returns_the_notification_only_if_it_is_new(cast: Cast) -> None:
    about = {
        "user": cast.participant,
        "key": "closed:1",
        "kind": "closed",
        "thing": ("space", cast.space.pk),
        "scope": cast.space.scope,
        "path": "/",
        "context": {"title": "A month"},
    }
    assert bell.notify(**about)
    assert not bell.notify(**about)


def test_a_notification_with_a_mail_of_its_own_counts_as_mailed(cast: Cast) -> None:
    (with_letter,) = tell(cast, cast.participant, mailed=True)
    (without,) = tell(cast, cast.trainer)
    assert with_letter.mailed_at is not None
    assert without.mailed_at is None


def test_marking_a_thing_as_seen_leaves_all_others_unseen(cast: Cast) -> None:
    tell(cast, cast.participant)
    tell(cast, cast.trainer)
    assert bell.mark_seen(user=cast.participant, things=[("thread", cast.space.pk)]) == 0
    assert bell.mark_seen(user=cast.participant, things=[("space", cast.space.pk)]) == 1
    assert bell.unseen_count(cast.participant) == 0
    assert bell.unseen_count(cast.trainer) == 1


def test_marking_as_seen_is_idempotent(cast: Cast) -> None:
    tell(cast, cast.participant)
    for _ in range(2):
        bell.mark_seen(user=cast.participant, things=[("space", cast.space.pk)])
    assert numbers_of(cast.participant) == [1, 2]


def test_marking_no_thing_as_seen_changes_nothing(cast: Cast) -> None:
    tell(cast, cast.participant)
    assert bell.mark_seen(user=cast.participant, things=[]) == 0
    assert bell.unseen_count(cast.participant) == 1


def test_several_notifications_of_a_kind_about_one_thing_are_one_line(cast: Cast) -> None:
    for key in ("closed:1", "closed:2"):
        tell(cast, cast.participant, key=key)
    assert bell.unseen_count(cast.participant) == 1
    assert len(said_to(cast.participant)) == 1


def test_an_entry_of_the_log_has_the_text_of_the_line_in_the_list(cast: Cast) -> None:
    (news,) = tell(cast, cast.participant)
    (entry,) = log_of(cast.participant)
    assert entry == {
        "n": 1,
        "k": "new",
        "unseen": 1,
        "line": said_to(cast.participant)[0],
        "lang": "en",
        "path": f"/news/{news.pk}/",
        "about": news.kind,
    }


def test_marking_as_seen_is_an_entry_in_the_log_for_other_tabs(cast: Cast) -> None:
    tell(cast, cast.participant)
    bell.mark_all_seen(user=cast.participant)
    assert log_of(cast.participant, after=1) == [{"n": 2, "k": "seen", "unseen": 0}]
    # What was seen meanwhile is not announced late as something new.
    assert log_of(cast.participant)[0] == {"n": 1, "k": "new", "unseen": 0}


def test_notifications_about_a_space_are_hidden_from_former_members_until_they_return(cast: Cast) -> None:
    tell(cast, cast.participant)
    dismiss_member(space=cast.space, user=cast.participant, by=cast.coordinator)
    reader = User.objects.get(pk=cast.participant.pk)
    assert bell.unseen_count(reader) == 0
    assert said_to(reader) == []
    assert log_of(reader, after=1) == [{"n": 2, "k": "gone", "unseen": 0}]
    readmit(space=cast.space, user=cast.participant, by=cast.coordinator)
    assert bell.unseen_count(User.objects.get(pk=reader.pk)) == 1
    assert log_of(reader)[-1]["unseen"] == 1


def test_a_kind_of_thing_that_nobody_registered_is_visible_to_nobody(cast: Cast) -> None:
    tell(cast, cast.participant, thing=("nothing-we-know", 1))
    assert bell.unseen_count(cast.participant) == 0
    assert said_to(cast.participant) == []


def test_a_withdrawn_notification_is_hidden_and_can_be_restored(cast: Cast) -> None:
    tell(cast, cast.participant, key="closed:1")
    bell.withdraw(key="closed:1")
    assert bell.unseen_count(cast.participant) == 0
    assert said_to(cast.participant) == []
    assert log_of(cast.participant)[-1] == {"n": 2, "k": "gone", "unseen": 0}
    bell.restore(key="closed:1")
    assert bell.unseen_count(cast.participant) == 1
    assert log_of(cast.participant)[-1]["line"] == said_to(cast.participant)[0]
    assert numbers_of(cast.participant) == [1, 2, 3]


def test_notifying_again_restores_a_withdrawn_notification(cast: Cast) -> None:
    tell(cast, cast.participant)
    bell.withdraw(key="closed:1")
    assert tell(cast, cast.participant, cast.trainer) != []
    assert bell.unseen_count(cast.participant) == bell.unseen_count(cast.trainer) == 1
    assert numbers_of(cast.participant) == [1, 2, 3]


def test_a_seen_notification_stays_seen_when_it_is_restored(cast: Cast) -> None:
    tell(cast, cast.participant)
    bell.mark_all_seen(user=cast.participant)
    bell.withdraw(key="closed:1")
    bell.restore(key="closed:1")
    assert bell.unseen_count(cast.participant) == 0
    assert numbers_of(cast.participant) == [1, 2]


def test_a_new_notification_has_all_that_was_given_and_the_defaults_of_the_rest(cast: Cast) -> None:
    title = 'A "quoted" 100 % title, ő'
    with clock.at(clock.now()):
        (news,) = tell(cast, cast.participant, by=cast.trainer, context={"title": title, "many": 3})
        same = Notification(
            user=cast.participant,
            key="closed:1",
            kind="closed",
            thing_kind="space",
            thing_id=cast.space.pk,
            scope=cast.space.scope,
            path=f"/spaces/{cast.space.pk}/",
            context={"title": title, "many": 3},
            by=cast.trainer,
            mail_due_at=clock.now() + bell.QUIET,
        )
    fields = [field.attname for field in Notification._meta.concrete_fields if field.name != "id"]
    assert [getattr(news, name) for name in fields] == [getattr(same, name) for name in fields]
    entry = BellEntry.objects.get(bell__user=cast.participant)
    assert (entry.number, entry.kind, entry.notification) == (1, "new", news)


def test_what_is_new_makes_bells_where_there_are_none_and_numbers_the_others_on(cast: Cast) -> None:
    tell(cast, cast.participant)
    tell(cast, cast.trainer, cast.participant, key="reply:1", is_new=True)
    assert numbers_of(cast.participant) == [1, 2]
    assert numbers_of(cast.trainer) == [1]
    assert Bell.objects.get(user=cast.participant).last_number == 2
    for user in (cast.participant, cast.trainer):
        [news] = Notification.objects.filter(user=user, key="reply:1")
        assert BellEntry.objects.filter(bell__user=user).latest("number").notification == news


@pytest.mark.parametrize("many", [1, 30])
def test_notifying_many_costs_as_many_queries_as_notifying_one(
    cast: Cast, many: int, django_assert_num_queries: object
) -> None:
    people = [person(f"Reader {number}") for number in range(many)]
    for one in people:
        join(cast.space, one)
    # News; numbers; entries. PostgreSQL does all in one.
    told = 1 if connection.vendor == "postgresql" else 3
    # Keys, before and after the bells are locked; bells looked for, made, locked. And what is read of them
    # here.
    with django_assert_num_queries(5 + told + 1):
        tell(cast, *people)
    with django_assert_num_queries(told + 1):
        tell(cast, *people, key="closed:2", is_new=True)
    with django_assert_num_queries(4):
        tell(cast, *people)


def test_counting_costs_one_query_per_kind_of_thing(cast: Cast, django_assert_num_queries: object) -> None:
    for number in range(20):
        tell(cast, cast.participant, key=f"closed:{number}")
        tell(cast, cast.participant, key=f"question:{number}", thing=("thread", number))
    with django_assert_num_queries(3):
        assert bell.unseen_count(cast.participant) == 1


def test_the_state_of_an_empty_bell_costs_one_query(cast: Cast, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):
        assert bell.state_of(cast.participant) == bell.BellState(0, 0)


def test_the_state_has_the_number_of_the_log_up_to_which_it_is_true(cast: Cast) -> None:
    tell(cast, cast.participant)
    state = bell.state_of(cast.participant)
    assert (state.number, state.unseen) == (1, 1)
    assert log_of(cast.participant, after=state.number) == []


def test_everybody_may_follow_their_own_log_and_no_other(cast: Cast) -> None:
    own, other = Stream("person", cast.participant.pk), Stream("person", cast.trainer.pk)
    assert may_follow(cast.participant.pk, own) == 0
    assert may_follow(cast.participant.pk, other) is None
    assert still_allowed([(cast.participant.pk, own), (cast.participant.pk, other)]) == {
        (cast.participant.pk, own): 0
    }


def test_a_suspended_person_may_not_follow_their_log(cast: Cast) -> None:
    User.objects.filter(pk=cast.participant.pk).update(suspended_at=cast.space.opened_at)
    assert may_follow(cast.participant.pk, Stream("person", cast.participant.pk)) is None


def test_the_newest_number_is_known_without_reading_the_log(cast: Cast) -> None:
    tell(cast, cast.participant)
    stream = Stream("person", cast.participant.pk)
    assert newest([stream, Stream("person", cast.stranger.pk)]) == {stream: 1}


def test_polling_returns_ones_own_log_and_no_other(cast: Cast, as_: object) -> None:
    tell(cast, cast.participant)
    pk = cast.participant.pk
    asked = {"s": [f"person:{pk},0", f"person:{cast.trainer.pk},0"]}
    frames = as_(cast.participant).get("/live/poll/", asked).json()["frames"]
    assert frames[0] == {"t": "entries", "s": f"person:{pk}", "e": log_of(cast.participant), "more": False}
    assert frames[1]["t"] == "unknown"


def test_an_entry_is_in_its_readers_language(cast: Cast) -> None:
    User.objects.filter(pk=cast.participant.pk).update(language="hu")
    title = "Formative assessment in practice"
    tell(cast, cast.participant, kind="opened", context={"title": title})
    line = log_of(cast.participant)[0]["line"]
    assert title in line
    assert "Your follow-up is open" not in line


def test_a_title_with_an_apostrophe_is_text_in_the_log_and_escaped_on_the_page(
    cast: Cast, as_: object
) -> None:
    tell(cast, cast.participant, context={"title": "<b>What's lost</b>"})
    assert "<b>What's lost</b>" in log_of(cast.participant)[0]["line"]
    page = as_(cast.participant).get("/news/").content.decode()
    assert "&lt;b&gt;What&#x27;s lost&lt;/b&gt;" in page
    assert "<b>What" not in page


def test_erasing_a_person_removes_their_name_from_the_notifications_of_others(cast: Cast) -> None:
    from common import privacy

    tell(cast, cast.participant, cast.trainer, by=cast.coordinator)
    tell(cast, cast.coordinator, key="closed:2")
    assert privacy.export_for(cast.coordinator)["notifications"]["news"][0]["kind"] == "closed"
    privacy.erase(cast.coordinator)
    assert not Notification.objects.filter(by=cast.coordinator).exists()
    assert not Notification.objects.filter(user=cast.coordinator).exists()
    assert not Bell.objects.filter(user=cast.coordinator).exists()
    assert bell.unseen_count(cast.participant) == 1


def test_what_is_loaded_with_the_reader_of_a_page_spares_looking_for_what_is_unseen(
    cast: Cast, django_assert_num_queries: Callable
) -> None:
    def reader() -> User:
        people, columns = bell.add_state(User.objects.filter(pk=cast.participant.pk), OuterRef("pk"))
        bell.take_state(cast.participant, cast.participant, iter(people.values_list(*columns)[0]))
        return cast.participant

    with django_assert_num_queries(1):
        assert bell.mark_seen(user=reader(), things=[("space", cast.space.pk)]) == 0
        assert bell.state_of(cast.participant) == bell.BellState(0, 0)
    tell(cast, cast.participant)
    assert bell.state_of(reader()).unseen == 1
    assert bell.mark_seen(user=cast.participant, things=[("space", cast.space.pk)]) == 1
    # The number of the entry that says so is part of it.
    assert bell.state_of(cast.participant) == bell.BellState(2, 0)
