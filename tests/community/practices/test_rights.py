"""Under which licence a practice is, and how it is credited."""

import html
import re
import uuid

import pytest
from django.urls import reverse

from common.names import NAMELESS
from community.institutes.licence_models import Licence, Terms
from community.people.models import User
from community.posts import actions as posts
from community.practices.models import Practice
from tests.written import publish

WRITTEN = {"title": "Silence", "happened": "It helped.", "language": "en"}


def page_of(client, practice):
    return client.get(reverse("practice", args=[practice.pk]))


def words_on(response):
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", response.text).split()))


@pytest.fixture
def own_terms(institute):
    """An institute that holds the rights and lets schools use what is written once asked."""
    institute.licence, institute.own_terms, institute.rights_holder = "own", "For teaching.", "institute"
    institute.not_for_profit = institute.permission_first = True
    institute.save()
    return institute


def test_the_licence_of_the_institute_is_offered_and_becomes_that_of_the_practice(
    as_, space, institute, participant
):
    institute.licence = "by-nc"
    institute.save()
    client, url = as_(participant), reverse("practice_new", args=[space.pk])
    form = client.get(url).context["form"]
    assert not form.rights.is_open
    assert "CC BY-NC 4.0" in str(form.rights.summary)
    offered = {name: form[name].value() or "" for name in Terms._fields if form[name].value()}
    client.post(url, WRITTEN | offered)
    practice = Practice.objects.get()
    assert practice.terms == Terms("by-nc")
    institute.licence = "cc0"
    institute.save()
    assert "Rights: Petra Participant · CC BY-NC 4.0" in words_on(page_of(client, practice))


def test_the_author_chooses_another_one_and_changes_it_later(as_, space, participant):
    client = as_(participant)
    client.post(reverse("practice_new", args=[space.pk]), WRITTEN | {"licence": "by"})
    practice = Practice.objects.get()
    edit = reverse("practice_edit", args=[practice.pk])
    assert client.get(edit).context["form"]["licence"].value() == "by"
    client.post(edit, WRITTEN | {"licence": "by-sa", "rights_holder": "institute"})
    practice.refresh_from_db()
    assert practice.terms == Terms("by-sa", rights_holder="institute")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"licence": "by", "not_for_profit": "on"}, "not_for_profit"),
        ({"own_terms": "Ask."}, "own_terms"),
        ({"licence": "own"}, "own_terms"),
        ({"licence": "gpl"}, "licence"),
    ],
    ids=["limited", "unchosen", "empty", "unknown"],
)
def test_terms_that_contradict_each_other_are_refused_and_their_fold_is_open(
    as_, space, institute, participant, coordinator, given, wrong
):
    page = as_(participant).post(reverse("practice_new", args=[space.pk]), WRITTEN | given)
    assert set(page.context["form"].errors) == {wrong}
    assert page.context["form"].rights.is_open
    url = reverse("institute_edit", args=[institute.slug])
    about = {"name": "Institute", "language": "en", "time_zone": "Europe/Budapest"}
    assert set(as_(coordinator).post(url, about | given).context["form"].errors) == {wrong}


def test_a_coordinator_sets_the_licence_of_the_institute(as_, institute, coordinator):
    url = reverse("institute_edit", args=[institute.slug])
    about = {"name": "Institute", "language": "en", "time_zone": "Europe/Budapest"}
    as_(coordinator).post(url, about | {"licence": "by-nc-sa"})
    institute.refresh_from_db()
    assert institute.terms == Terms("by-nc-sa")


def test_a_practice_without_a_licence_says_nothing_of_rights(as_, space, participant, trainer):
    page = page_of(as_(trainer), publish(space, participant))
    assert page.context["rights"] is None
    assert "Rights:" not in words_on(page)


@pytest.mark.parametrize("licence", [one for one in Licence if one != Licence.OWN])
def test_a_line_of_credit_names_title_author_institute_year_address_and_licence(
    as_, space, institute, participant, trainer, licence
):
    practice = publish(space, participant, title="Two minutes", licence=licence)
    page = page_of(as_(trainer), practice)
    rights, year = page.context["rights"], practice.published_at.year
    address = f"http://testserver{reverse('practice', args=[practice.pk])}"
    assert rights.credit == (
        f"“Two minutes”, {participant.name}, {institute.name}, {year}, {address} – "
        f"{licence.short_name} ({licence.url})"
    )
    assert rights.deed == f"{licence.url}deed.en"
    assert words_on(page).count(rights.credit) == 2  # on the printed sheet as well


def test_own_terms_are_in_words_and_who_may_reads_where_to_ask(as_, space, own_terms, participant, trainer):
    practice = publish(space, participant, **own_terms.terms._asdict())
    page = page_of(as_(trainer), practice)
    said = "For teaching. Not for profit Ask for permission in writing first Ask for permission"
    assert f"Rights: {own_terms.name} · {said}" in words_on(page)
    assert page.context["rights"].credit.endswith("/ – terms of use: see there")
    assert "first Ask for permission" not in words_on(page_of(as_(participant), practice))


def test_the_credit_of_an_erased_author_names_nobody(as_, space, institute, participant, trainer):
    practice = publish(space, participant, title="Two minutes", licence="by")
    User.objects.filter(pk=participant.pk).update(name=NAMELESS)
    rights = page_of(as_(trainer), practice).context["rights"]
    assert rights.holder == ""
    assert rights.credit.startswith(f"“Two minutes”, {institute.name}, ")


def test_what_is_withdrawn_has_no_line_of_credit(as_, space, participant):
    practice = publish(space, participant, licence="by")
    posts.withdraw(post=practice, by=participant)
    assert page_of(as_(participant), practice).context["rights"] is None


def test_where_there_is_no_institute_only_the_author_holds_rights(space, participant, as_):
    space.institute = None
    space.save()
    url = reverse("practice_new", args=[space.pk])
    form = as_(participant).get(url).context["form"]
    assert [value for value, _label in form.fields["rights_holder"].choices] == ["author"]
    sent = WRITTEN | {"licence": "by", "client_id": str(uuid.uuid4())}
    practice = Practice.objects.get(pk=as_(participant).post(url, sent).url.rstrip("/").rpartition("/")[2])
    assert (
        page_of(as_(participant), practice)
        .context["rights"]
        .credit.startswith(f"“Silence”, {participant.name}")
    )
