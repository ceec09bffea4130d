"""Publishing, editing and withdrawing practices and try-outs."""

import uuid

import pytest

from common import clock
from common.access import Refused
from community.posts import actions as posts
from community.practices import actions, queries
from community.practices.actions import PracticeText
from community.practices.models import Practice
from community.spaces.models import Membership
from community.unread.queries import new_in
from followup.courses.roles import SpaceRole
from tests.cast import close_now
from tests.written import publish

WORDS = PracticeText(
    title="T", context="Where *exactly*", tried="B", happened="C", change="D", setting="Year 7"
)


def test_a_practice_has_four_parts_in_the_language_of_the_space(space, participant):
    practice = actions.publish_practice(space=space, author=participant, fields=WORDS, client_id=uuid.uuid4())
    assert practice.context_html == "<p>Where <em>exactly</em></p>"
    assert [getattr(practice, f"{part}_html") for part in ("tried", "happened", "change")] == [
        "<p>B</p>",
        "<p>C</p>",
        "<p>D</p>",
    ]
    assert practice.language == space.language
    assert practice.published_at


def test_publishing_twice_from_the_same_form_gives_the_first(space, participant):
    sent = uuid.uuid4()
    made = {
        actions.publish_practice(space=space, author=participant, fields=WORDS, client_id=sent).pk
        for _ in range(2)
    }
    assert len(made) == 1


def test_practices_can_be_added_after_the_end_but_not_by_who_was_awaiting(cast):
    close_now(cast.space)
    publish(cast.space, cast.participant)
    publish(cast.space, cast.trainer)
    with pytest.raises(Refused):
        publish(cast.space, cast.awaiting)


def test_who_is_awaiting_can_add_practices_while_the_space_is_open(cast):
    assert publish(cast.space, cast.awaiting)


@pytest.mark.parametrize("who", ["stranger", "evaluator", "other_coordinator", "moderator"])
def test_a_stranger_cannot_publish(cast, who):
    with pytest.raises(Refused):
        publish(cast.space, cast.who(who))


def test_a_coordinator_who_publishes_becomes_a_member(space, coordinator):
    publish(space, coordinator)
    assert Membership.objects.get(space=space, user=coordinator).role == SpaceRole.COORDINATOR


def test_only_its_author_edits_a_practice_at_any_time(space, participant, trainer):
    practice = publish(space, participant)
    close_now(space)
    actions.edit_practice(practice=practice, by=participant, fields=WORDS)
    practice.refresh_from_db()
    assert practice.happened_html == "<p>C</p>"
    assert practice.edited_at
    with pytest.raises(Refused):
        actions.edit_practice(practice=practice, by=trainer, fields=WORDS)


def test_withdrawing_hides_a_practice_and_its_try_outs_stay(space, participant, another_participant):
    practice = publish(space, participant)
    try_out = publish(space, another_participant, builds_on=practice)
    with pytest.raises(Refused):
        posts.withdraw(post=practice, by=another_participant)
    posts.withdraw(post=practice, by=participant)
    assert list(Practice.objects.visible_to(another_participant)) == [try_out]
    assert practice in Practice.objects.visible_to(participant)
    posts.restore(post=practice, by=participant)
    assert practice in Practice.objects.visible_to(another_participant)


def test_the_author_cannot_restore_what_was_taken_down(space, participant, trainer, coordinator):
    practice = publish(space, participant)
    posts.withdraw(post=practice, by=trainer)
    with pytest.raises(Refused):
        posts.restore(post=practice, by=participant)
    assert posts.restore(post=practice, by=coordinator).withdrawn_at is None


def test_a_practice_taken_down_is_visible_to_all_who_may_restore_it_and_to_its_author(cast):
    practice = publish(cast.space, cast.participant)
    posts.withdraw(post=practice, by=cast.trainer)
    for who in ("participant", "trainer", "coordinator"):
        assert practice in Practice.objects.visible_to(cast.who(who)), who
    for who in ("another_participant", "awaiting", "evaluator", "other_coordinator", "stranger", "visitor"):
        assert practice not in Practice.objects.visible_to(cast.who(who)), who


def test_a_practice_withdrawn_by_its_author_is_visible_to_its_author_alone(cast):
    practice = publish(cast.space, cast.participant)
    posts.withdraw(post=practice, by=cast.participant)
    assert practice in Practice.objects.visible_to(cast.participant)
    assert practice not in Practice.objects.visible_to(cast.trainer)
    assert practice not in Practice.objects.visible_to(cast.coordinator)


def test_a_practice_is_new_until_it_is_opened_and_never_to_its_author(space, participant, trainer):
    first, second = publish(space, participant), publish(space, participant)

    def new_for(user):
        return new_in(user, [space.pk])[space.pk].practices

    assert (new_for(participant), new_for(trainer)) == (0, 2)
    queries.mark_seen(first, trainer)
    queries.mark_seen(first, trainer)
    assert new_for(trainer) == 1
    posts.withdraw(post=second, by=participant)
    assert new_for(trainer) == 0
    posts.restore(post=second, by=participant)
    queries.mark_all_seen(space, trainer)
    assert new_for(trainer) == 0


def test_an_edit_keeps_the_moment_of_publication(space, participant):
    practice = publish(space, participant)
    with clock.at(clock.now()):
        actions.edit_practice(practice=practice, by=participant, fields=WORDS)
    before = practice.published_at
    practice.refresh_from_db()
    assert practice.published_at == before


def test_a_practice_taken_down_meanwhile_is_not_edited(cast):
    practice = publish(cast.space, cast.participant)
    stale = Practice.objects.get(pk=practice.pk)
    posts.withdraw(post=practice, by=cast.trainer)
    with pytest.raises(Refused):
        actions.edit_practice(practice=stale, by=cast.participant, fields=WORDS)
    practice.refresh_from_db()
    assert practice.withdrawn_at
    assert practice.title != WORDS.title


def test_nothing_is_built_on_a_practice_withdrawn_meanwhile(cast):
    practice = publish(cast.space, cast.participant)
    stale = Practice.objects.get(pk=practice.pk)
    posts.withdraw(post=practice, by=cast.participant)
    with pytest.raises(Refused):
        publish(cast.space, cast.another_participant, builds_on=stale)


def counts_of(*practices):
    for practice in practices:
        practice.refresh_from_db()
    return [(practice.try_out_count, practice.worked_count) for practice in practices]


def test_each_practice_of_a_chain_knows_how_often_it_was_tried_and_in_how_many_it_worked(cast):
    space = cast.space
    first = publish(space, cast.participant)
    second = publish(space, cast.another_participant, builds_on=first, outcome="worked")
    third = publish(space, cast.trainer, builds_on=second, outcome="not")
    publish(space, cast.coordinator, builds_on=first)  # did not say how it went
    assert {practice.origin for practice in first.chain.all()} == {first}
    assert counts_of(first, second, third) == [(3, 1), (1, 0), (0, 0)]

    posts.withdraw(post=second, by=cast.another_participant)
    assert counts_of(first, second) == [(2, 0), (1, 0)]
    posts.restore(post=second, by=cast.another_participant)
    actions.edit_practice(practice=third, by=cast.trainer, fields=PracticeText(title="T", outcome="worked"))
    assert counts_of(first, second, third) == [(3, 2), (1, 1), (0, 0)]


def test_a_made_title_follows_the_original_and_does_not_say_what_was_withdrawn(cast):
    space = cast.space
    first = publish(space, cast.participant, title="Silence")
    made = publish(space, cast.trainer, builds_on=first, title="")
    own = publish(space, cast.trainer, builds_on=first, title="Silence outdoors")
    below = publish(space, cast.coordinator, builds_on=made, title="")

    def titles():
        return [Practice.objects.get(pk=each.pk).title for each in (made, own, below)]

    actions.edit_practice(practice=first, by=cast.participant, fields=PracticeText(title="Quiet"))
    assert titles() == ["Tried: Quiet", "Silence outdoors", "Tried: Quiet"]
    posts.withdraw(post=first, by=cast.participant)
    gone = "Tried: a write-up that was deleted"
    assert titles() == [gone, "Silence outdoors", gone]
    assert "quiet" not in Practice.objects.get(pk=made.pk).search_text
    posts.restore(post=first, by=cast.participant)
    assert titles() == ["Tried: Quiet", "Silence outdoors", "Tried: Quiet"]


def test_only_a_try_out_has_an_outcome(space, participant):
    assert publish(space, participant, outcome="worked").outcome == ""


def test_a_title_made_again_does_not_say_what_was_withdrawn(cast):
    first = publish(cast.space, cast.participant, title="Anna in year 7")
    try_out = publish(cast.space, cast.trainer, builds_on=first, title="")
    again = publish(cast.space, cast.participant, builds_on=try_out, title="")
    posts.withdraw(post=first, by=cast.participant)
    for each, by in ((try_out, cast.trainer), (again, cast.participant)):
        fields = PracticeText(happened="It helped.", outcome="worked")
        assert actions.edit_practice(practice=each, by=by, fields=fields).title == (
            "Tried: a write-up that was deleted"
        )
    posts.restore(post=first, by=cast.participant)
    again.refresh_from_db()
    assert again.title == "Tried: Anna in year 7"


def test_a_try_out_without_a_title_gets_that_of_the_beginning_in_its_own_language(cast):
    first = publish(cast.space, cast.participant, title="Silence")
    second = publish(cast.space, cast.trainer, builds_on=first, title="", language="hu")
    third = publish(cast.space, cast.participant, builds_on=second, title="")
    assert [second.title, third.title] == ["Kipróbálva: Silence", "Tried: Silence"]
