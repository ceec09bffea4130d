"""The pages of reports, and every way out that hiding closes."""

import json
import uuid

from django.urls import reverse

from community.reports.models import Report
from messaging.chat import history
from messaging.chat.search import found_in, words_of
from messaging.notifications import bell, digests
from messaging.notifications.models import Mail, Notification
from tests.community.reports.test_actions import decide, report
from tests.messaging.files.made import picture
from tests.messaging.files.test_attaching import of, waiting
from tests.written import publish, reply_to, say, start

SECRET = "kvalifikuotas"


def sent(**more):
    return {"reason": "pupil", "details": "", "client_id": uuid.uuid4()} | more


def test_whoever_reports_a_pupil_reads_that_it_is_hidden(cast, as_):
    thread = start(cast.space, cast.participant)
    url = reverse("report_new", args=["thread", thread.pk])
    reporter = as_(cast.another_participant)
    assert "Exit tickets in year 5" in reporter.get(url).content.decode()
    page = reporter.post(url, sent(), follow=True)
    assert "hidden from everyone until someone has decided" in page.content.decode()
    assert reporter.get(url).status_code == 404


def test_a_child_in_danger_shows_the_contact_and_the_numbers_at_once(cast, as_):
    cast.institute.child_contact = "Kata Kiss, +36 1 555 0100"
    cast.institute.country = "HU"
    cast.institute.save()
    thread = start(cast.space, cast.participant)
    url = reverse("report_new", args=["thread", thread.pk])
    reporter = as_(cast.another_participant)
    for page in (reporter.get(url), reporter.post(url, sent(reason="danger"), follow=True)):
        text = page.content.decode()
        assert "Kata Kiss, +36 1 555 0100" in text
        assert "tel:112" in text
        assert "tel:116111" in text


def test_the_author_reads_why_and_can_mend_it_and_those_who_decide_see_that(cast, as_):
    reply = reply_to(start(cast.space, cast.another_participant), cast.participant, "Look at Anna!")
    one = report(reply, cast.another_participant)
    page = reverse("report_detail", args=[one.pk])
    text = as_(cast.participant).get(page).content.decode()
    assert "No one sees this at the moment" in text
    assert cast.another_participant.name not in text
    edit = reverse("reply_edit", args=[reply.pk])
    assert edit in text
    as_(cast.participant).post(edit, {"text": "Look at the board!", "client_id": uuid.uuid4()})
    text = as_(cast.trainer).get(page).content.decode()
    assert "Look at the board!" in text
    assert "has changed it since" in text
    as_(cast.trainer).post(page, {"decision": "shown", "sentence": "Thank you."})
    reply.refresh_from_db()
    assert not reply.is_withdrawn
    assert "Thank you." in as_(cast.participant).get(page).content.decode()


def test_what_everybody_saw_until_the_decision_is_not_said_to_stay_hidden(cast, as_):
    one = report(start(cast.space, cast.participant), cast.another_participant, "other")
    page = reverse("report_detail", args=[one.pk])
    said = as_(cast.trainer).post(page, {"decision": "hidden", "sentence": "No."}, follow=True)
    assert "Decided. Everyone concerned has been told." in said.content.decode()
    told = as_(cast.participant).get(reverse("news")).content.decode()
    assert f"Something you wrote in “{cast.space.title}” is hidden." in told


def test_each_sees_the_reports_that_they_can_decide_or_made(cast, as_):
    report(start(cast.space, cast.participant), cast.another_participant)
    for who, sees in (("trainer", 1), ("moderator", 1), ("another_participant", 1), ("awaiting", 0)):
        page = as_(getattr(cast, who)).get(reverse("reports")).content.decode()
        assert page.count("reports__row") == sees


def test_a_hidden_post_is_on_no_page_and_its_placeholder_says_why(cast, as_):
    thread = start(cast.space, cast.another_participant)
    reply = reply_to(thread, cast.participant, f"Here is {SECRET}.")
    reply_to(thread, cast.trainer, "Thank you.")
    practice = publish(cast.space, cast.participant, happened=f"So {SECRET} was glad.")
    for post in (reply, practice):
        report(post, cast.another_participant)
    reader = as_(cast.another_participant)
    for name, arg in (
        ("thread", thread.pk),
        ("space_practices", cast.space.pk),
        ("space", cast.space.pk),
        ("today", None),
    ):
        page = reader.get(reverse(name, args=[arg] if arg else []), follow=True).content.decode()
        assert SECRET not in page
    assert reader.get(reverse("practice", args=[practice.pk])).status_code == 404
    assert (
        "hidden until someone has decided" in reader.get(reverse("thread", args=[thread.pk])).content.decode()
    )
    assert (
        "hidden until someone has decided"
        in as_(cast.participant).get(reverse("practice", args=[practice.pk])).content.decode()
    )


def test_a_hidden_post_is_in_no_bell_and_in_no_mail_that_was_not_sent(cast):
    thread = start(cast.space, cast.another_participant, title=f"About {SECRET}")
    reply_to(thread, cast.participant)
    Notification.objects.update(mail_due_at=thread.created_at)
    digests.sweep_digests()
    report(thread, cast.participant)
    assert not [key for key in bell.unseen_items(cast.another_participant) if key[1] == "thread"]
    assert not Mail.objects.filter(text__contains=SECRET, user=cast.another_participant).unsent().exists()


def test_a_hidden_message_is_in_no_log_and_no_search(cast, as_):
    message = say(cast.space, cast.participant, f"Here is {SECRET}.")
    one = report(message, cast.trainer)
    room = cast.space.room
    room.refresh_from_db()
    assert found_in(room, words_of(SECRET)) == ([], False)
    assert SECRET not in str(history.page_after(room, 0, cast.trainer))
    polled = json.dumps(as_(cast.trainer).get(reverse("live_poll"), {"s": f"room:{room.pk},0"}).json())
    assert '"gone": true' in polled
    assert SECRET not in polled
    decide(one, cast.coordinator)
    assert found_in(room, words_of(SECRET))[0] == [message.pk]


def test_today_says_what_waits_to_those_who_decide_alone(cast, as_):
    report(start(cast.space, cast.participant), cast.another_participant)
    for who, waits in (
        ("trainer", True),
        ("coordinator", True),
        ("participant", False),
        ("evaluator", False),
    ):
        today = as_(getattr(cast, who)).get(reverse("today")).content.decode()
        assert ("1 report is waiting for a decision." in today) == waits


def test_an_unknown_kind_is_not_found(cast, as_):
    assert as_(cast.trainer).get("/report/nothing/1/").status_code == 404
    assert not Report.objects.exists()


def test_one_picture_of_several_can_be_reported(cast, as_):
    files = [waiting(cast.participant, f"{name}.png", picture()) for name in ("board", "class")]
    thread = start(cast.space, cast.participant, files=of(*files))
    url = reverse("report_new", args=["thread", thread.pk])
    reporter = as_(cast.another_participant)
    page = reporter.get(url).content.decode()
    assert "class.jpg" in page
    assert f'src="/pictures/{files[1].pk}/small.webp"' in page
    reporter.post(url, sent(about=files[1].pk))
    page = reporter.get(reverse("thread", args=[thread.pk])).content.decode()
    assert f"/pictures/{files[0].pk}/" in page
    assert f"/pictures/{files[1].pk}/" not in page
    assert reporter.get(f"/pictures/{files[1].pk}/small.webp").status_code == 404
    assert reporter.get(f"/files/{files[1].pk}/class.jpg").status_code == 404
    assert (
        f"/pictures/{files[1].pk}/"
        in as_(cast.trainer).get(reverse("report_detail", args=[Report.objects.get().pk])).content.decode()
    )


def test_report_stands_in_the_menu_of_what_others_wrote(cast, as_):
    thread, message = start(cast.space, cast.participant), say(cast.space, cast.participant)
    posts = reverse("report_new", args=["thread", thread.pk])
    room = reverse("message_report", args=[cast.space.pk, message.number])
    for who, offered in ((cast.trainer, True), (cast.participant, False)):
        reader = as_(who)
        menu = reader.get(reverse("post_more", args=["thread", thread.pk])).content.decode()
        page = reader.get(
            reverse("space_room", args=[cast.space.pk]), {"at": message.number}
        ).content.decode()
        assert (posts in menu, room in page) == (offered, offered)
