"""Signing in as one of the demo's people, and reading its mails."""

import datetime as dt
import runpy

import pytest
from django.conf import settings as project
from django.urls import reverse

from common import clock
from followup.demo import fixtures, people
from messaging.notifications.models import Mail
from tests.cast import person

NORA = "Nagy-Bodó Nóra"


@pytest.fixture
def nora(db):
    """One of the demo's people, and another who is not to be picked."""
    hungarian = fixtures.programmes()[1]
    user = person(NORA)
    user.email = hungarian.address("nora")
    user.save()
    return user


def test_the_page_offers_the_people_by_name(client, nora):
    page = client.get(reverse("demo")).content.decode()
    assert NORA in page
    assert str(nora.key) in page
    assert "In the middle of one follow-up" in page


def test_the_sign_in_page_offers_them_too(client, nora):
    page = client.get(reverse("account_login")).content.decode()
    assert NORA in page
    assert reverse("demo_sign_in") in page


def test_picking_somebody_signs_in_as_them(client, nora):
    response = client.post(reverse("demo_sign_in"), {"person": nora.key})
    assert response.url == "/"
    assert client.session["_auth_user_id"] == str(nora.pk)


def test_picking_somebody_goes_on_to_the_page_that_asked_to_sign_in(client, nora):
    page = client.get(reverse("account_login"), {"next": "/unsent/"}).content.decode()
    form = page[page.index(f'action="{reverse("demo_sign_in")}"') :].partition("</form>")[0]
    assert '<input type="hidden" name="next" value="/unsent/">' in form
    response = client.post(reverse("demo_sign_in"), {"person": nora.key, "next": "/unsent/"})
    assert response.url == "/unsent/"


@pytest.mark.parametrize("path", ["", "https://attacker.test/", "//attacker.test/", "javascript:alert(1)"])
def test_picking_somebody_leads_to_no_other_site(client, nora, path):
    assert client.post(reverse("demo_sign_in"), {"person": nora.key, "next": path}).url == "/"


def test_picking_another_changes_over(client, nora, stranger):
    client.force_login(stranger)
    client.post(reverse("demo_sign_in"), {"person": nora.key})
    assert client.session["_auth_user_id"] == str(nora.pk)


@pytest.mark.parametrize("key", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
def test_nobody_else_can_be_picked(client, nora, stranger, key):
    for wanted in (key, str(stranger.key)):
        assert client.post(reverse("demo_sign_in"), {"person": wanted}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_person_of_the_demo_who_is_not_offered_cannot_be_picked(client, nora):
    nora.email = fixtures.programmes()[1].address("zsolt")
    nora.save()
    assert client.post(reverse("demo_sign_in"), {"person": nora.key}).status_code == 404


def test_looking_at_the_page_signs_nobody_in(client, nora):
    assert client.get(reverse("demo_sign_in"), {"person": nora.key}).status_code == 405


def test_outside_the_demo_nobody_can_be_picked(client, nora, settings):
    settings.DEMO_SIGN_IN = False
    assert client.post(reverse("demo_sign_in"), {"person": nora.key}).status_code == 404
    for name in ("demo", "demo_mails"):
        assert client.get(reverse(name)).status_code == 404
    assert NORA not in client.get(reverse("account_login")).content.decode()
    assert people.sign_in_choices() == []


@pytest.fixture
def mails(nora, stranger):
    """One mail to Nóra and one to somebody else."""
    for number, user in enumerate((nora, stranger)):
        Mail.objects.create(
            key=f"demo-test:{number}",
            kind="test",
            user=user,
            address=user.email,
            language="hu",
            subject=f"To {user.name}",
            text="Kedves kolléga!\n\nhttps://aftercourse.test/spaces/1/ <b>fat</b>",
        )
    return list(Mail.objects.order_by("pk"))


def test_the_mail_can_be_read_in_the_browser(client, mails):
    listed = client.get(reverse("demo_mails"), headers={"Accept-Language": "hu"}).content.decode()
    assert all(mail.subject in listed for mail in mails)
    page = client.get(reverse("demo_mail", kwargs={"pk": mails[0].pk})).content.decode()
    assert "Kedves kolléga!" in page
    assert 'href="https://aftercourse.test/spaces/1/"' in page
    assert "<b>fat" not in page


def test_the_mails_are_those_of_one_programme_and_of_who_is_of_none(client, as_, nora, mails):
    english = client.get(reverse("demo_mails"), headers={"Accept-Language": "en"}).content.decode()
    assert mails[0].subject not in english
    assert mails[1].subject in english
    assert mails[0].subject in as_(nora).get(reverse("demo_mails")).content.decode()


def test_who_is_signed_in_can_see_only_their_own(client, nora, mails):
    client.force_login(nora)
    page = client.get(reverse("demo_mails"), {"to": nora.key}).content.decode()
    assert f"To {NORA}" in page
    assert mails[1].subject not in page


@pytest.mark.parametrize("key", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
def test_the_mailbox_of_nobody_is_that_of_people_without_an_account(client, mails, key):
    page = client.get(reverse("demo_mails"), {"to": key})
    assert page.status_code == 200
    assert mails[0].subject not in page.content.decode()


@pytest.mark.parametrize("language", [code for code, _name in project.LANGUAGES])
def test_a_mail_says_when_it_leaves_in_five_languages_the_last_one_first(
    as_, nora, mails, settings, language
):
    settings.LANGUAGE_BY_VISITOR = True
    client = as_(nora)
    client.cookies[project.LANGUAGE_COOKIE_NAME] = language
    mails[0].not_before = clock.now() + dt.timedelta(minutes=7)
    mails[0].save()
    page = client.get(reverse("demo_mails")).content.decode()
    assert f'<html lang="{language}"' in page
    assert page.index(mails[0].subject) < page.index("badge--time") < page.index(mails[1].subject)
    assert f'lang="hu">{mails[0].subject}' in page


def test_an_empty_mailbox_says_what_would_fill_it(client, db):
    assert "No email yet" in client.get(reverse("demo_mails")).content.decode()


def test_the_list_of_mail_asks_as_often_for_many_as_for_few(as_, nora, mails):
    client = as_(nora)
    few = count_queries(client)
    Mail.objects.bulk_create(
        Mail(
            key=f"more:{n}", kind="test", user=nora, address="a@b.test", language="hu", subject="x", text="y"
        )
        for n in range(15)
    )
    assert count_queries(client) == few


def count_queries(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("demo_mails"))
    return len(queries)


@pytest.mark.parametrize("on", [True, False])
def test_the_addresses_of_the_demo_are_there_only_where_it_is_on(settings, on):
    settings.DEMO_SIGN_IN = on
    patterns = runpy.run_path(str(settings.BASE_DIR / "config" / "urls.py"))["urlpatterns"]
    assert ("demo/" in [str(each.pattern) for each in patterns]) is on


def test_a_mail_is_shown_with_its_own_styles_and_can_do_nothing(client, nora):
    from messaging.notifications import outbox

    about = {"user": nora, "address": nora.email, "language": "hu", "zone": "UTC"}
    mail = outbox.post(key="a letter", kind="account-code", context={"code": "A-B"}, **about)
    response = client.get(reverse("demo_mail_body", args=[mail.pk]))
    assert response.content.decode().replace('<base target="_top">', "") == mail.html
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    shown = client.get(reverse("demo_mail", args=[mail.pk]))
    assert f'src="{reverse("demo_mail_body", args=[mail.pk])}"' in shown.content.decode()
    assert "frame-src 'self'" in shown["Content-Security-Policy"]
    policy = dict(part.split(maxsplit=1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["form-action"] == "'none'"
    assert "unsafe-inline" not in policy["style-src"]
    assert policy["style-src"].count("sha256-") > 5
    assert "allow-scripts" not in policy["sandbox"]


def test_a_mail_without_html_has_no_page(client, mails):
    assert client.get(reverse("demo_mail_body", args=[Mail.objects.latest("pk").pk])).status_code == 404
