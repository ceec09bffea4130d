"""One spelling for each address, however it was typed or pasted."""

import contextlib
import importlib

import pytest
from allauth.account.models import EmailAddress
from django import forms
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from common import clock
from common.addresses import AddressField, addresses_in, normalize_address, readable_address
from community.people.models import Invitation, User

ASCII = "agi@xn--iskola-gyr-74b.hu"


@pytest.mark.parametrize(
    "typed",
    [
        "agi@iskola-győr.hu",
        "AGI@ISKOLA-GYŐR.HU",
        "agi@iskola-gyo\u030br.hu",
        "agi@iskola-győr.hu.",
        "agi@xn--iskola-gyr-74b.hu",
        "Agi@XN--ISKOLA-GYR-74B.hu",
        "mailto:agi@iskola-győr.hu",
        "MAILTO:agi@iskola-győr.hu?subject=Szia",
        "<agi@iskola-győr.hu>",
        "<mailto:agi@iskola-győr.hu>",
        "„agi@iskola-győr.hu”",
        "'agi@iskola-győr.hu'",
        "agi@iskola-győr.hu,",
        "(agi@iskola-győr.hu).",
        "\ufeffagi@iskola-győr.hu",
        "agi@iskola-győr.hu\u200b",
        "\u00a0agi@isk\u00adola-győr.hu\t\n",
        "\u202aagi@iskola-győr.hu\u202c",
        "agi\u2060@iskola-győr.hu",
        "agi@iskola-győr。hu",
        "agi@ｉｓｋｏｌａ-győr.hu",
    ],
)
def test_an_address_has_one_spelling(typed):
    assert normalize_address(typed) == ASCII


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (ASCII, "agi@iskola-győr.hu"),
        ("a@xn--80a1acny.xn--p1ai", "a@почта.рф"),
        ("a@szkola.edu.pl", "a@szkola.edu.pl"),
        ("a@xn--strae-oqa.de", "a@straße.de"),
        ("a@xn--i-7iq.ws", "a@xn--i-7iq.ws"),
        ("a@xn--.test", "a@xn--.test"),
        ("", ""),
    ],
)
def test_an_international_domain_is_shown_in_its_own_letters(stored, shown):
    assert readable_address(stored) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "@",
        "anna@",
        "@x.test",
        "anna@x",
        "anna nagy@x.test",
        "anna@x.test, bela@x.test",
        "Anna Nagy <anna@x.test>",
        "ágnes@x.test",
        "anna@x..test",
        "anna@-x.test",
        f"{'a' * 250}@x.test",
        "a@" + "ő" * 300 + ".hu",
        "x" * 100_000,
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        normalize_address(text)


labels = st.text(alphabet="abzáőűłśžščėįяжё0159-", min_size=1, max_size=12)


@given(
    st.text(alphabet="abzAZ019._+-'", min_size=1, max_size=20),
    st.lists(labels, min_size=1, max_size=3),
    st.sampled_from(["hu", "PL", "рф", "test"]),
)
def test_a_spelling_is_its_own_spelling_and_so_is_what_is_shown_of_it(local, domain, end):
    typed = f"{local}@{'.'.join(domain)}.{end}"
    try:
        stored = normalize_address(typed)
    except ValueError:
        return
    assert stored.isascii()
    assert stored == stored.lower()
    assert normalize_address(stored) == stored
    assert normalize_address(readable_address(stored)) == stored
    assert normalize_address(f" <mailto:{typed.upper()}>, ") == stored


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_refused(text):
    with contextlib.suppress(ValueError):
        assert "@" in normalize_address(text)
    for start, end, _spelling in addresses_in(text):
        assert "@" in text[start:end]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Tóth Ilona, toth@x.test", ["toth@x.test"]),
        ("[Tóth](mailto:toth@x.test)", ["toth@x.test"]),
        ("E-mail:toth@x.test: Tóth", ["toth@x.test"]),
        ("Tóth <TOTH@X.test>; Kis <kis@x.test>", ["toth@x.test", "kis@x.test"]),
        ("toth@x.test–Tóth", ["toth@x.test"]),
        ("toth@nowhere", [""]),
        ("@anna said so", []),
    ],
)
def test_addresses_are_found_in_a_line(line, found):
    assert [spelling for _start, _end, spelling in addresses_in(line)] == found


def test_a_field_gives_the_one_spelling_and_shows_the_readable_one():
    class Form(forms.Form):
        address = AddressField()

    form = Form({"address": " Agi@iskola-győr.hu\u200b"})
    assert form.is_valid()
    assert form.cleaned_data == {"address": ASCII}
    assert "agi@iskola-győr.hu" in str(Form(initial={"address": ASCII})["address"])
    for text, sentence in (("", "This field is required."), ("anna", "This isn’t an email address.")):
        form = Form({"address": text})
        assert not form.is_valid()
        assert form.errors["address"] == [sentence]


@pytest.mark.django_db
def test_stored_addresses_get_their_one_spelling_unless_it_belongs_to_another(caplog):
    migration = importlib.import_module("community.migrations.0016_one_spelling_of_addresses")
    one, other, rival = (User.objects.create_user(name) for name in ("One", "Other", "Rival"))
    User.objects.filter(pk=one.pk).update(email="agi@iskola-győr.hu")
    mine = EmailAddress.objects.create(user=one, email="agi@iskola-győr.hu", verified=True, primary=True)
    kept = EmailAddress.objects.create(user=other, email="eva@iskola-győr.hu", verified=True)
    EmailAddress.objects.create(user=rival, email="eva@xn--iskola-gyr-74b.hu", verified=True)
    invitation = Invitation.objects.create(
        user=one, address="agi@iskola-győr.hu", occasion="", expires_at=clock.now()
    )
    migration.normalize_addresses(apps, None)
    for row in (one, mine, kept, invitation):
        row.refresh_from_db()
    assert [one.email, mine.email, invitation.address] == [ASCII] * 3
    assert kept.email == "eva@iskola-győr.hu"
    assert f"e-mail address {kept.pk} belongs to another row" in caplog.text
