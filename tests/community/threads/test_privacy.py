"""Exporting and erasing what a person wrote."""

import json

from common import privacy
from common.access import SYSTEM
from community.posts import actions as posts
from community.practices.models import Practice, PracticeVisit
from community.spaces.actions import dismiss
from community.spaces.models import Membership
from community.threads.models import Reply, Thread, ThreadVisit
from community.threads.queries import mark_seen
from tests.written import ask_trainer, publish, reply_to, start


def test_the_export_has_everything_a_person_wrote(space, participant, trainer):
    start(space, participant, text="To everyone")
    ask_trainer(space, participant, text="To the trainer")
    posts.withdraw(post=reply_to(start(space, trainer), participant, "Taken back"), by=participant)
    publish(space, participant, happened="It helped")
    everything = json.dumps(privacy.export_for(participant))
    for words in ("To everyone", "To the trainer", "Taken back", "It helped", space.title):
        assert words in everything, words


def test_the_export_has_nothing_of_others(space, participant, trainer):
    reply_to(start(space, participant), trainer, "The trainer said so")
    assert "The trainer said so" not in json.dumps(privacy.export_for(participant))


def test_erasing_keeps_public_posts_without_a_name_and_no_private_ones(space, participant, trainer):
    public = start(space, participant, text="To everyone")
    reply_to(public, trainer)
    private = ask_trainer(space, participant, title="My head says no", text="To the trainer")
    reply_to(private, participant, "And she shouted")
    reply_to(private, trainer, "I see")
    posts.withdraw(post=reply_to(public, participant, "Taken back"), by=participant)
    kept, dropped = publish(space, participant), publish(space, participant, tried="Never mind")
    posts.withdraw(post=dropped, by=participant)
    mark_seen(public, participant, first=1, last=1)
    PracticeVisit.objects.create(practice=kept, user=participant)

    privacy.erase(participant)

    texts = json.dumps(
        [list(Thread.objects.values("title", "text", "html")), list(Reply.objects.values("text", "html"))]
    )
    for words in ("My head says no", "To the trainer", "And she shouted", "Taken back"):
        assert words not in texts, words
    assert "To everyone" in texts
    assert "I see" in texts
    assert list(Practice.objects.published()) == [kept]
    assert not Practice.objects.filter(tried="Never mind").exists()
    assert not ThreadVisit.objects.filter(user=participant).exists()
    assert not PracticeVisit.objects.filter(user=participant).exists()
    assert not Membership.objects.current().filter(user=participant).exists()
    public.refresh_from_db()
    assert "Petra" not in public.author.name


def test_the_export_has_no_title_of_a_thread_the_person_may_not_read(space, participant, trainer):
    for title in ("Taken back", "Still there"):
        reply_to(start(space, trainer, title=title), participant, f"Under {title}")
    posts.withdraw(post=Thread.objects.get(title="Taken back"), by=trainer)
    named = [one["to"] for one in privacy.export_for(participant)["threads"]["replies"]]
    assert named == ["", "Still there"]
    dismiss(space=space, user=participant, by=SYSTEM)
    replies = privacy.export_for(participant)["threads"]["replies"]
    assert [one["to"] for one in replies] == ["", ""]
    assert [one["text"] for one in replies] == ["Under Taken back", "Under Still there"]
