"""What a mail says is a secret of its mailbox: no export, page or row gives out what lets somebody in."""

import datetime as dt
import json
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import reverse

from common import clock, privacy
from common.access import SYSTEM
from common.sessions import stored_key
from community.people import drafts, invitations
from community.people.models import User
from community.posts.actions import withdraw
from community.spaces.actions import dismiss
from messaging.notifications import bell, delivery, digests, outbox
from messaging.notifications.models import Mail
from tests.written import ask, ask_trainer, reply_to
from tools.mails import STOPPABLE, kinds

pytestmark = pytest.mark.django_db
LETS_IN = re.compile(r"\b[A-Z0-9]{3,4}-[A-Z0-9]{3,4}\b|/invitations/[^\"\s]|/reset/key/|/mail/stop/")
"""Codes, and the paths of links that work without signing in."""
KINDS = sorted({name for name in kinds() if "--" not in name})
SUBJECTS = sorted(privacy.subjects())


def exported(user: User) -> str:
    return json.dumps(privacy.export_for(user), ensure_ascii=False)


def secrets_of(mails) -> set[str]:
    """Every code and every link in these mails."""
    found = set()
    for mail in mails:
        found |= set(re.findall(r"^\S+-\S+$", mail.text, re.M))
        found |= {link for link in re.findall(r"https?://\S+", mail.text) if LETS_IN.search(link)}
    return found


def prove(client) -> None:
    """Prove by a mailed code who sits in front of this session."""
    client.post(reverse("account_reauthenticate_code"), {"send": "yes"})
    code = re.findall(r"^\S+-\S+$", Mail.objects.latest("pk").text, re.M)[0]
    client.post(reverse("account_reauthenticate_code"), {"code": code})


def test_every_template_of_a_mail_is_tried_here(settings):
    templates = settings.BASE_DIR / "templates" / "mail"
    assert {path.stem for path in templates.glob("[!_]*.txt")} == set(KINDS)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("has_secret", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_mail_is_exported_with_what_lets_in(kind, has_secret, participant, space):
    """Not even where somebody forgot to mark it, or a mail about a space had such a link."""
    link = {"password_reset_url": "https://a.test/account/password/reset/key/2i-dirnmv-0f/"}
    post = {
        "kind": kind,
        "user": participant,
        "address": participant.email,
        "language": "en",
        "zone": "UTC",
        "context": kinds()[kind] | {"link": "https://a.test/invitations/17.0:sig/"} | link,
        "has_secret": has_secret,
        "stop_scope": space.scope if kind.startswith(STOPPABLE) else "",
        "thing": ("space", space.pk) if kind.startswith(("live", "month")) else None,
    }
    if post["thing"]:
        post["context"] = kinds()[kind]  # its link needs a sign-in; the foot has one that does not
    outbox.post(key="one", **post)
    Mail.objects.update(sent_at=clock.now())
    text = exported(participant)
    assert not LETS_IN.search(text), LETS_IN.search(text)
    [mail] = privacy.export_for(participant)["notifications"]["mails"]
    assert mail["kind"] == kind
    assert ("text" in mail) is (post["thing"] is not None and not has_secret)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_after_every_way_to_get_a_mail_no_export_has_a_code_or_a_link(
    subject, client, as_, participant, coordinator, settings
):
    settings.SIGN_UP_OPEN = True
    client.post(reverse("account_request_login_code"), {"email": participant.email})
    client.post(reverse("account_reset_password"), {"email": participant.email})
    client.post(reverse("account_signup"), {"email": "new@school.test", "name": "New One"})
    guest = User.objects.create_user("Nora New", "nora@school.test")
    invitations.invite(user=guest, address=guest.email, occasion="", next_path="/", by=coordinator)
    inside = as_(participant)
    prove(inside)
    inside.post(reverse("account_email"), {"email": "else@home.test", "action_add": ""})
    drafts.save(user=participant, path="/me/", title="", fields={"text": "words"})
    secrets = secrets_of(Mail.objects.all())
    assert len(secrets) >= 6
    for sent_at in (None, clock.now()):
        Mail.objects.update(sent_at=sent_at)
        for user in User.objects.all():
            text = json.dumps(privacy.export_of(subject, user), ensure_ascii=False)
            assert not {secret for secret in secrets if secret in text}
            assert not LETS_IN.search(text)


def test_an_address_is_not_proved_by_what_the_export_says(as_, stranger):
    client = as_(stranger)
    prove(client)
    client.post(reverse("account_email"), {"email": "expert@school.test", "action_add": ""})
    [mail] = Mail.objects.filter(address="expert@school.test")
    assert mail.user is None, "a mail to an address that nobody has proved belongs to nobody"
    assert "expert@" not in client.get(reverse("take_along")).content.decode()


def test_a_session_left_open_does_not_give_out_the_link_for_a_new_password(client, as_, participant):
    client.post(reverse("account_reset_password"), {"email": participant.email})
    page = as_(participant).get(reverse("take_along")).content.decode()
    assert Mail.objects.get().kind == "account-new-password"
    assert '"kind": "account-new-password"' in page
    assert participant.email not in json.dumps(json.loads(page)["notifications"])


def test_the_export_has_only_news_and_mails_about_what_its_reader_may_see_now(space, trainer, participant):
    gone = ask(space, participant, title="Taken back")
    kept = ask(space, participant, title="Still there")
    ask_trainer(space, participant, title="For the trainer")
    with clock.at(clock.now() + dt.timedelta(days=1, minutes=5)):
        digests.sweep_digests()
        Mail.objects.update(sent_at=clock.now())
        assert "For the trainer" in exported(trainer)
        withdraw(post=gone, by=participant)
        about = privacy.export_for(trainer)["notifications"]
        assert "Taken back" not in json.dumps(about)
        assert kept.title in json.dumps(about["news"])
        dismiss(space=space, user=trainer, by=SYSTEM)
        about = privacy.export_for(trainer)["notifications"]
        assert "Still there" not in json.dumps(about)
        assert "For the trainer" not in json.dumps(about)
        assert len(about["news"]) == 3
        assert {each["kind"] for each in about["mails"]} == {"news"}


def test_the_export_asks_for_all_news_and_mails_at_once(
    space, trainer, participant, django_assert_max_num_queries
):
    for number in range(12):
        reply_to(ask(space, participant, title=f"Question {number}"), participant)
    with clock.at(clock.now() + dt.timedelta(days=1, minutes=5)):
        digests.sweep_digests()
        bell.mark_all_seen(user=trainer)
        with django_assert_max_num_queries(14):
            privacy.export_of("notifications", trainer)


@pytest.mark.parametrize("reason", ["refused", "expired", "suspended"])
def test_what_lets_in_is_emptied_when_the_mail_is_given_up(reason, client, participant, settings):
    settings.MAIL_KEEPS_SECRETS = False
    client.post(reverse("account_request_login_code"), {"email": participant.email})
    moment = clock.now()
    if reason == "refused":
        delivery._give_up(Mail.objects.get(), Mail.GiveUpReason.REFUSED, "no such mailbox")
    elif reason == "expired":
        moment += dt.timedelta(hours=1)
    else:
        User.objects.filter(pk=participant.pk).update(suspended_at=clock.now())
    with clock.at(moment):
        delivery.sweep_mail()
    mail = Mail.objects.get()
    assert mail.given_up_at is not None
    assert (mail.subject, mail.text, mail.html) == ("", "", "")


def test_an_invitation_that_was_refused_is_posted_anew_with_a_new_link(coordinator, settings):
    settings.MAIL_KEEPS_SECRETS = False
    guest = User.objects.create_user("Nora New", "nora@school.test")
    invitations.invite(user=guest, address=guest.email, occasion="", next_path="/", by=coordinator)
    delivery._give_up(Mail.objects.get(), Mail.GiveUpReason.REFUSED, "no such mailbox")
    assert outbox.retry(Mail.objects.all()) == 1
    [mail] = Mail.objects.due()
    assert invitations.link_to(guest.invitations.get()) in mail.text


def test_who_was_signed_in_before_the_keys_were_digests_stays_so(client, participant):
    client.force_login(participant)
    key = client.cookies["sessionid"].value
    Session.objects.update(session_key=key)
    import_module("messaging.migrations.0022_session_keys_as_digests").digest_keys(apps, None)
    assert client.get(reverse("profile")).status_code == 200


def test_the_keys_of_sessions_are_in_the_database_as_digests_only(client, participant):
    client.force_login(participant)
    key = client.cookies["sessionid"].value
    [row] = Session.objects.all()
    assert row.session_key == stored_key(key)
    client.cookies["sessionid"] = row.session_key
    assert client.get(reverse("profile")).status_code == 302, "what is in a backup signs nobody in"
    client.cookies["sessionid"] = key
    assert client.get(reverse("profile")).status_code == 200
    client.post(reverse("account_logout"))
    assert not Session.objects.filter(session_key=stored_key(key)).exists()
