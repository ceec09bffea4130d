"""The pages for recording completions."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from common import clock
from community.people.models import User
from followup.completions import actions
from followup.courses.models import CompletionBatch, Enrolment
from followup.lists.reasons import file_of_refused
from followup.months.models import Month
from tests.cast import ZONE
from tests.followup.completions.conftest import GOOD
from tests.followup.lists.workbook_files import text as cell
from tests.followup.lists.workbook_files import workbook


def upload(client, run, text: str | bytes):
    raw = text.encode() if isinstance(text, str) else text
    url = reverse("completion_upload", kwargs={"pk": run.pk})
    return client.post(url, {"file": SimpleUploadedFile("list.csv", raw)}, follow=True)


def page_of(name: str, batch) -> str:
    return reverse(name, kwargs={"pk": batch.pk})


def test_an_upload_shows_what_it_will_do_and_does_nothing(as_, coordinator, new_run):
    response = upload(as_(coordinator), new_run, GOOD + "nope,Cili,,,\n")
    page = response.content.decode()
    assert "The follow-up starts now for 2 people and ends on" in page
    assert "“nope” isn’t an email address." in page
    assert '<article class="mail"' in page
    assert not new_run.enrolments.exists()


def test_a_preview_says_when_the_course_still_runs(as_, coordinator, new_run):
    assert "The course is still running" not in upload(as_(coordinator), new_run, GOOD).content.decode()
    new_run.ends_on = clock.today("Europe/Budapest") + dt.timedelta(days=1)
    new_run.save()
    assert "The course is still running" in upload(as_(coordinator), new_run, GOOD).content.decode()


def test_a_preview_can_be_applied_and_then_undone_with_a_button_each(as_, coordinator, new_run):
    client = as_(coordinator)
    upload(client, new_run, GOOD)
    batch = CompletionBatch.objects.get()
    done = client.post(page_of("completion_apply", batch), follow=True).content.decode()
    assert "You can undo all of this until" in done
    assert Month.objects.filter(month_runs__run=new_run).exists()
    undone = client.post(page_of("completion_undo", batch), follow=True).content.decode()
    assert "Everything was undone." in undone
    assert "Upload the corrected list" not in undone
    assert "Add completions" in undone
    assert not Month.objects.filter(month_runs__run=new_run).exists()


def test_after_ten_minutes_undo_is_refused_with_a_sentence(as_, coordinator, uploaded):
    batch = actions.apply(batch=uploaded(), by=coordinator)
    client = as_(coordinator)
    with clock.at(batch.undo_until + dt.timedelta(seconds=1)):
        assert "Undo" not in client.get(page_of("completion_batch", batch)).content.decode()
        response = client.post(page_of("completion_undo", batch))
    assert response.status_code == 403
    assert "ten minutes" in response.content.decode()


def test_refused_rows_are_a_file_before_and_after_applying(as_, coordinator, uploaded):
    client, batch = as_(coordinator), uploaded(GOOD + "nope,=1+1,,,\n")
    before = client.get(page_of("completion_refused", batch))
    assert before.headers["Content-Disposition"].startswith("attachment;")
    assert "nope,'=1+1,,,," in before.content.decode()
    client.post(page_of("completion_apply", batch))
    assert client.get(page_of("completion_refused", batch)).content == before.content


def test_refused_rows_can_be_uploaded_again_once_they_are_corrected(as_, coordinator, new_run, uploaded):
    client, batch = as_(coordinator), uploaded(GOOD + "nope,Cili,,,\n")
    client.post(page_of("completion_apply", batch))
    refused = client.get(page_of("completion_refused", batch)).content.decode()
    upload(client, new_run, refused.replace("nope", "cili@school.test"))
    client.post(page_of("completion_apply", CompletionBatch.objects.latest("pk")))
    assert new_run.enrolments.filter(user__email="cili@school.test", completed_at__isnull=False).exists()


def test_the_reason_of_an_earlier_file_is_not_shown_as_part_of_the_row(as_, coordinator, uploaded):
    client = as_(coordinator)
    batch = uploaded("email,name,reason\nanna@school.test,Anna,\nnope,Cili,Said before\n")
    assert "Said before" not in client.get(page_of("completion_batch", batch)).content.decode()
    client.post(page_of("completion_apply", batch))
    page = client.get(page_of("completion_batch", batch)).content.decode()
    assert "Cili" in page
    assert "Said before" not in page


@pytest.mark.parametrize(("language", "row"), [("en", "nope,Cili"), ("hu", "nope;Cili"), ("ru", "nope;Cili")])
def test_the_file_of_refused_rows_uses_the_separator_of_the_readers_language(language, row):
    with translation.override(language):
        assert row in file_of_refused(["email", "name"], [("no", ["nope", "Cili"])])


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"PK\x03\x04", "This workbook can’t be read."),
        (b"imi\xc4\x99,email\nJoanna,a@x.test\n", "“imię” holds only part of the name."),
        (b"name\nAnna\n", "Missing: email."),
        (b"email,name\n" + b"x" * (4 * 1024 * 1024), "larger than 4 MB"),
    ],
)
def test_an_unreadable_file_is_refused_on_the_upload_form(as_, coordinator, new_run, raw, sentence):
    response = upload(as_(coordinator), new_run, raw)
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not CompletionBatch.objects.exists()


def test_people_are_selected_and_previewed_before_the_month_opens(as_, cast, new_run):
    selected = Enrolment.objects.create(run=new_run, user=cast.stranger)
    left_out = Enrolment.objects.create(run=new_run, user=cast.moderator)
    client = as_(cast.trainer)
    assert cast.stranger.name in client.get(page_of("completions", new_run)).content.decode()
    data = {"enrolments": [selected.pk], "completed_on": new_run.ends_on.isoformat()}
    page = client.post(page_of("completion_select", new_run), data, follow=True).content.decode()
    assert "The follow-up starts now for 1 person" in page
    client.post(page_of("completion_apply", CompletionBatch.objects.get()))
    left_out.refresh_from_db()
    selected.refresh_from_db()
    assert selected.completed_on == new_run.ends_on
    assert left_out.completed_at is None


def test_a_day_in_the_future_cannot_be_selected(as_, coordinator, cast, new_run):
    selected = Enrolment.objects.create(run=new_run, user=cast.stranger)
    data = {"enrolments": [selected.pk], "completed_on": (new_run.ends_on + dt.timedelta(days=9)).isoformat()}
    response = as_(coordinator).post(page_of("completion_select", new_run), data)
    assert response.status_code == 400
    assert "This date is in the future." in response.content.decode()


def test_a_number_that_no_column_can_hold_cannot_be_selected(as_, coordinator, cast, new_run):
    selected = Enrolment.objects.create(run=new_run, user=cast.stranger)
    data = {"enrolments": [selected.pk, "9" * 20], "completed_on": new_run.ends_on.isoformat()}
    response = as_(coordinator).post(page_of("completion_select", new_run), data)
    assert response.status_code == 400
    assert "9" * 20 in response.content.decode()


def test_a_long_list_shows_its_progress(as_, coordinator, uploaded, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_TRANSACTION", 2)
    text = "email,name\n" + "".join(f"p{number}@school.test,Person {number}\n" for number in range(5))
    batch = actions.apply(batch=uploaded(text), by=coordinator, seconds=0)
    page = as_(coordinator).get(page_of("completion_batch", batch)).content.decode()
    assert "2 of 5 rows done." in page
    assert 'http-equiv="refresh"' in page


def test_a_coordinator_of_another_institute_gets_404(as_, other_coordinator, uploaded, new_run):
    batch, client = uploaded(), as_(other_coordinator)
    assert client.get(page_of("completions", new_run)).status_code == 404
    for name in ("completion_batch", "completion_refused"):
        assert client.get(page_of(name, batch)).status_code == 404
    for name in ("completion_apply", "completion_undo", "completion_discard"):
        assert client.post(page_of(name, batch)).status_code == 404


def test_the_queries_of_a_preview_and_of_a_result_do_not_grow_with_the_rows(as_, coordinator, uploaded):
    def queries(count: int, applied: bool) -> int:
        text = "email,name\n" + "".join(f"q{count}-{n}@school.test,Person {n}\n" for n in range(count))
        text += "nope,Somebody\n" * count
        batch = uploaded(text)
        if applied:
            actions.apply(batch=batch, by=coordinator)
        with CaptureQueriesContext(connection) as captured:
            as_(coordinator).get(page_of("completion_batch", batch))
        return len(captured)

    assert queries(3, applied=False) == queries(40, applied=False)
    queries(2, applied=True)
    assert queries(3, applied=True) == queries(40, applied=True)
    assert User.objects.filter(name="Person 1").exists()


def test_a_trainer_downloads_no_refused_rows_before_the_last_day(as_, cast, uploaded, new_run):
    batch = uploaded("email,name\nnope,Cili\n")
    url = reverse("completion_refused", kwargs={"pk": batch.pk})
    assert as_(cast.trainer).get(url).status_code == 200
    new_run.ends_on = clock.today(ZONE) + dt.timedelta(days=1)
    new_run.save()
    assert as_(cast.trainer).get(url).status_code == 403
    assert as_(cast.coordinator).get(url).status_code == 200


def test_a_preview_says_what_each_column_was_taken_as_and_that_names_were_turned(as_, coordinator, new_run):
    text = (
        "Nazwisko i imię;Adres;E-mail\nNowak Anna;Długa 5;anna@school.test\nKubiak Jan;Krótka 6;nope\n"
        "Lis Jan;Długa 7;jan@school.test\nKos Nowak Ewa;Długa 8;ewa@school.test\n"
    )
    page = upload(as_(coordinator), new_run, text).text
    assert re.search(r"<dt>Adres</dt>\s*<dd>not used</dd>", page)
    assert re.search(r"<dt>E-mail</dt>\s*<dd>email address</dd>", page)
    assert "“Nowak Anna” became “Anna Nowak”" in page
    assert "<li>Lis Jan → Jan Lis</li>" in page
    assert re.search(r"Names that stay as they are · 1</summary>\s*<ul[^>]*>\s*<li>Kos Nowak Ewa</li>", page)
    assert re.search(r"Adres:</span> Krótka 6", page)


def test_a_preview_says_that_the_month_stands_first(as_, coordinator, new_run):
    first = new_run.starts_on.replace(day=1) + dt.timedelta(days=12)
    text = f"name;email;completed_on\nAnna Nowak;anna@school.test;{first:%m/%d/%Y}\n"
    assert "the month comes first" in upload(as_(coordinator), new_run, text).text
    assert (
        "the month comes first"
        not in upload(as_(coordinator), new_run, text.replace(f"{first:%m/%d/%Y}", f"{first:%d.%m.%Y}")).text
    )


def test_a_workbook_is_previewed_and_applied_like_a_text(as_, coordinator, new_run):
    rows = [["Név", "E-mail cím"], ["Nagy Anna", "Agi@iskola-győr.hu"]]
    raw = workbook([[cell(value) for value in row] for row in rows])
    client = as_(coordinator)
    page = upload(client, new_run, raw).text
    assert "agi@iskola-győr.hu" in page
    client.post(page_of("completion_apply", CompletionBatch.objects.get()))
    assert new_run.enrolments.get().user.email == "agi@xn--iskola-gyr-74b.hu"


@pytest.mark.parametrize(
    "pasted",
    [
        "Név\tE-mail\nNagy Anna\tanna@school.test\nKis Béla\tnope\n",
        "1. Nagy Anna <anna@school.test>\nKis Béla\n",
    ],
)
def test_a_list_may_be_pasted_and_its_refused_rows_are_a_file(as_, coordinator, new_run, pasted):
    client = as_(coordinator)
    page = client.post(page_of("completion_paste", new_run), {"pasted": pasted}, follow=True).text
    assert "The follow-up starts now for 1 person" in page
    assert "Nagy Anna" in page
    batch = CompletionBatch.objects.get()
    assert batch.source == CompletionBatch.Source.PASTED
    refused = client.get(page_of("completion_refused", batch)).content.decode()
    assert "Kis Béla" in refused
    client.post(page_of("completion_apply", batch))
    assert new_run.enrolments.get().user.name == "Nagy Anna"


@pytest.mark.parametrize(
    ("pasted", "has_headings"),
    [
        ("Anna Nagy <anna@school.test>\nBéla Kis\n", False),
        ("email\tname\nanna@school.test\tAnna\n\tBéla Kis\n", True),
    ],
)
def test_headings_are_shown_only_if_the_list_has_some(as_, coordinator, new_run, pasted, has_headings):
    client = as_(coordinator)
    preview = client.post(page_of("completion_paste", new_run), {"pasted": pasted}, follow=True).text
    batch = CompletionBatch.objects.get()
    refused = client.get(page_of("completion_refused", batch)).content.decode()
    assert refused.startswith("\ufeffemail,name,reason"), "the file to mend has headings in any case"
    result = client.post(page_of("completion_apply", batch), follow=True).text
    assert ("How the list was read" in preview) is has_headings
    for page in (preview, result):
        assert "Béla Kis" in page
        assert ("name:</span>" in page) is has_headings


def test_an_empty_or_unreadable_pasted_list_is_refused_with_its_words_kept(as_, coordinator, new_run):
    client, url = as_(coordinator), page_of("completion_paste", new_run)
    response = client.post(url, {"pasted": " \u200b"})
    assert response.status_code == 400
    assert "Paste the list first." in response.text
    response = client.post(url, {"pasted": "Imię;E-mail\nA;a@x.test"})
    assert response.status_code == 400
    assert "holds only part of the name" in response.text
    assert "Imię;E-mail" in response.text


def test_lists_of_batches_are_read_without_their_rows(as_, coordinator, uploaded, new_run):
    actions.apply(batch=uploaded(), by=coordinator)
    client = as_(coordinator)
    for name in ("run", "completions"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name, args=[new_run.pk])).status_code == 200
        asked = [query["sql"] for query in captured if query["sql"] and "completionbatch" in query["sql"]]
        assert asked
        assert not any('"content"' in sql for sql in asked)
