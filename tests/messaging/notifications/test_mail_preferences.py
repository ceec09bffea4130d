"""How often mail comes is everybody's own choice, on their page or by one click in a mail."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve, reverse

from messaging.notifications import bell, delivery, mail_preferences, outbox
from messaging.notifications.models import Mail, MailPreference, Notification
from tests.post_office import open_post_office

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def outsider() -> Client:
    """A browser that nobody is signed in to, as strict about forged requests as a real one."""
    return Client(enforce_csrf_checks=True)


def path_of(user, scope) -> str:
    return urlsplit(mail_preferences.unsubscribe_link(user.pk, scope)).path


def test_without_a_choice_it_is_once_a_day(participant, space):
    assert mail_preferences.frequency_of(participant, space.scope) == "daily"


def test_everybody_chooses_for_each_of_their_scopes(as_, participant, another_participant, space):
    page = as_(participant).get(reverse("mail_preferences")).content.decode()
    assert space.title in page
    response = as_(participant).post(reverse("mail_preferences"), {space.scope: "now"})
    assert response.url == reverse("mail_preferences")
    assert mail_preferences.frequency_of(participant, space.scope) == "now"
    assert mail_preferences.frequency_of(another_participant, space.scope) == "daily"


def test_spaces_of_one_title_are_told_apart_by_their_days(as_, participant, space):
    space.opened_at = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)
    space.closes_at = dt.datetime(2025, 4, 2, 9, tzinfo=dt.UTC)
    space.save()
    page = as_(participant).get(reverse("mail_preferences")).content.decode()
    assert "3 March – 2 April 2025" in page


def test_the_scope_of_others_cannot_be_chosen(as_, stranger, space):
    as_(stranger).post(reverse("mail_preferences"), {space.scope: "now"})
    assert not MailPreference.objects.exists()


def test_a_get_of_the_link_changes_nothing(outsider, participant, space):
    page = outsider.get(path_of(participant, space.scope))
    assert space.title in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert not MailPreference.objects.exists()


def test_one_click_unsubscribe_works_without_signing_in(outsider, participant, space):
    for _again in range(2):
        answer = outsider.post(path_of(participant, space.scope), ONE_CLICK)
        assert answer.status_code == 200, "a redirect would not be followed"
    assert mail_preferences.frequency_of(participant, space.scope) == "never"
    assert MailPreference.objects.count() == 1


def test_the_page_of_the_link_unsubscribes_and_subscribes_again(outsider, participant, space):
    path = path_of(participant, space.scope)
    for chosen in ("never", "daily", "now"):
        assert outsider.post(path, {"frequency": chosen}).url == path
        assert mail_preferences.frequency_of(participant, space.scope) == chosen
    assert outsider.post(path, {"frequency": "hourly"}).status_code == 400


def test_the_page_of_the_link_is_in_the_language_of_the_mail(outsider, participant, space):
    participant.language = "pl"
    participant.save()
    assert '<html lang="pl"' in outsider.get(path_of(participant, space.scope)).content.decode()


def test_a_link_with_a_wrong_signature_is_not_found(outsider, participant, another_participant, space):
    mine, theirs = path_of(participant, space.scope), path_of(another_participant, space.scope)
    forged = theirs.split(":")[0] + ":" + mine.partition(":")[2]
    assert outsider.post(forged, ONE_CLICK).status_code == 404
    assert not MailPreference.objects.exists()


def test_unsubscribing_from_the_daily_digest_keeps_mail_at_once(outsider, participant, space):
    path = path_of(participant, mail_preferences.EVERYWHERE)
    mail_preferences.set_frequency(user=participant, scope=space.scope, frequency="now")
    outsider.post(path, ONE_CLICK)
    assert mail_preferences.frequency_of(participant, space.scope) == "now"
    mail_preferences.set_frequency(user=participant, scope=space.scope, frequency="daily")
    outsider.post(path, ONE_CLICK)
    assert mail_preferences.frequency_of(participant, space.scope) == "never"


def test_the_page_of_the_link_does_not_name_a_space_to_a_former_member(
    outsider, participant, coordinator, space
):
    from community.spaces.actions import dismiss

    dismiss(space=space, user=participant, by=coordinator)
    path = path_of(participant, space.scope)
    assert space.title not in outsider.get(path).content.decode()
    assert outsider.post(path, ONE_CLICK).status_code == 200


def test_what_came_while_unsubscribed_is_not_mailed_afterwards(participant, space):
    mail_preferences.set_frequency(user=participant, scope=space.scope, frequency="never")
    bell.notify(
        user=participant,
        key="one",
        kind="reply",
        thing=("thread", 1),
        scope=space.scope,
        path="/",
        context={"title": "T"},
    )
    mail_preferences.set_frequency(user=participant, scope=space.scope, frequency="now")
    assert Notification.objects.get().mailed_at is not None


def test_unsubscribing_deletes_mails_that_were_not_sent_yet(outsider, participant, space):
    about = {"user": participant, "address": participant.email, "language": "en", "zone": "UTC"}
    context = {"name": "P", "title": "T", "link": "https://x.test/", "prompt": {"title": "P", "text": "Q"}}
    outbox.post(key="prompt", kind="month-prompt", context=context, stop_scope=space.scope, **about)
    outbox.post(key="code", kind="account-code", context={"code": "A-B"}, **about)
    outsider.post(path_of(participant, space.scope), ONE_CLICK)
    assert list(Mail.objects.values_list("key", flat=True)) == ["code"]


def test_mails_with_a_scope_have_unsubscribe_headers(settings, participant, space):
    about = {"user": participant, "address": participant.email, "language": "en", "zone": "UTC"}
    context = {
        "name": "Petra",
        "title": "T",
        "link": "https://x.test/",
        "prompt": {"title": "P", "text": "Q"},
    }
    with open_post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        outbox.post(key="a", kind="month-prompt", context=context, stop_scope=space.scope, **about)
        outbox.post(key="b", kind="account-code", context={"code": "A-B"}, **about)
        delivery.sweep_mail()
        prompt, code = office.mails
    link = urlsplit(prompt["List-Unsubscribe"].strip("<> "))
    signed = resolve(link.path).kwargs["signed"]
    assert mail_preferences.read_unsubscribe_link(signed) == (participant.pk, space.scope)
    assert prompt["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert code["List-Unsubscribe"] is None
    assert [part.get_content_type() for part in prompt.iter_parts()] == ["text/plain", "text/html"]
    assert prompt.get_body(("html",)).get_content().startswith("<!DOCTYPE html>")
