"""The demo's fixtures: complete, in order, and in one language each."""

import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest
from django.utils import translation

from community.threads.models import Thread
from followup.courses.models import Step
from followup.demo import fixtures
from followup.demo.blurbs import BLURBS
from followup.demo.days import days_of, is_weekend
from messaging.chat.models import Reaction
from messaging.files.models import MAX_ALT_CHARS

PROGRAMMES = fixtures.programmes()
RUNS = [(programme, run) for programme in PROGRAMMES for run in programme.runs]
by_slug = pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda each: each.institute.slug)
by_run = pytest.mark.parametrize(("programme", "run"), RUNS, ids=lambda each: getattr(each, "key", ""))


def writings(run):
    """Everything that somebody writes in a run: by, day, hour."""
    for thread in run.threads:
        yield from (thread, *thread.replies)
    for practice in run.practices:
        yield from (practice, *practice.tryouts)
    yield from run.reported_steps
    yield from run.hours
    yield from run.room


def shown(run):
    """The files of everything that somebody writes in a run."""
    comments = [comment for practice in run.practices for comment in practice.comments]
    return [each for written in (*writings(run), *comments) for each in getattr(written, "files", [])]


def test_there_are_six_programmes_in_five_languages_english_first():
    assert [programme.institute.language for programme in PROGRAMMES] == ["en", "hu", "pl", "lt", "ru", "ru"]


def test_every_kind_of_month_is_shown():
    assert {run.day_today for _, run in RUNS} >= {11, 40}
    assert any(run.closes_in_days is not None and run.closes_in_days < 7 for _, run in RUNS)
    assert any(run.closed_days_ago for _, run in RUNS)
    assert any(run.ends_in_days == 1 for _, run in RUNS)
    assert any(run.extensions for _, run in RUNS)


def test_the_month_on_its_fortieth_day_lasts_six_months():
    (found,) = [(programme, run) for programme, run in RUNS if run.day_today == 40]
    assert [course.months for course in found[0].courses] == [6]


def test_somebody_is_in_an_open_space_and_in_a_closed_one():
    for programme in PROGRAMMES:
        in_closed = {key for run in programme.runs if run.closed_days_ago for key in run.participants}
        in_open = {key for run in programme.runs if run.day_today for key in run.participants}
        if any(person.key in in_closed & in_open for person in programme.pickable):
            return
    pytest.fail("nobody a visitor may be is in two spaces")


@by_slug
def test_a_visitor_may_be_a_participant_a_trainer_and_a_coordinator_of_each(programme):
    roles = [person.role for person in programme.pickable]
    assert {"participant", "trainer", "coordinator"} <= set(roles)
    for person in programme.pickable:
        if person.role == "trainer":
            assert any(person.key in run.trainers for run in programme.runs)
        if person.role == "participant":
            assert any(person.key in run.participants for run in programme.runs)


def test_in_the_english_programme_a_visitor_may_be_anybody():
    assert [person.role for person in PROGRAMMES[0].pickable] == [
        "participant",
        "trainer",
        "coordinator",
        "evaluator",
        "awaiting",
    ]


def test_everybody_who_is_offered_is_described_and_nobody_else():
    assert list(BLURBS) == [programme.institute.slug for programme in PROGRAMMES]


@pytest.mark.parametrize(
    ("language", "month"),
    [("hu", "hónap"), ("lt", "mėnes|mėnuo"), ("pl", "miesiąc|miesięc"), ("ru", "месяц")],
)
def test_a_follow_up_is_called_a_month_only_where_months_are_counted(language, month):
    for blurb in (blurb for blurbs in BLURBS.values() for blurb in blurbs.values()):
        with translation.override("en"):
            counted = "month" in str(blurb)
        with translation.override(language):
            assert counted or not re.search(month, str(blurb)), str(blurb)


@by_slug
def test_each_programme_hands_out_a_sheet_and_a_picture_made_for_it(programme):
    files = {material.file for run in programme.runs for material in run.materials if not material.text}
    assert {Path(name).suffix for name in files if name} == {".pdf", ".png"}
    assert all((fixtures.MATERIALS / name).is_file() for name in files if name)


def test_what_is_handed_out_is_small_and_used():
    made = [path for ending in ("pdf", "png", "webp") for path in fixtures.MATERIALS.rglob(f"*.{ending}")]
    used = {material.file for _, run in RUNS for material in run.materials}
    used |= {each.file for _, run in RUNS for each in shown(run)}
    assert {str(path.relative_to(fixtures.MATERIALS)) for path in made} <= used
    assert sum(path.stat().st_size for path in made) < 950_000


@by_slug
def test_every_picture_says_what_can_be_seen(programme):
    files = [each for run in programme.runs for each in shown(run)]
    pictures = [each for each in files if each.path.suffix == ".webp"]
    assert all(20 < len(each.alt) <= MAX_ALT_CHARS for each in pictures), "in one or two sentences"
    assert len({each.alt for each in pictures}) == len({each.file for each in pictures})
    assert not any(each.alt for each in files if each not in pictures)


@by_run
def test_authors_are_members_of_the_space(programme, run):
    staff = {person.key for person in programme.people if person.role == "coordinator"}
    inside = {*run.trainers, *run.participants, *run.awaiting} | staff
    assert {written.by for written in writings(run)} <= inside
    assert len({person.key for person in programme.people}) == len(programme.people)


@by_run
@pytest.mark.parametrize("day", range(1, 8))
def test_posts_come_after_the_opening_and_after_what_they_answer(programme, run, day):
    """On each day of the week, after months of each length, in summer time and not."""
    course = next(each for each in programme.courses if each.key == run.course)
    for month in (dt.date(2026, 2, day), dt.date(2027, 3, day + 17), dt.date(2026, 11, day + 12)):
        now = dt.datetime.combine(month, dt.time(19), dt.UTC)
        days = days_of(run, course, programme, now)
        for written in writings(run):
            assert days.opening < days.of(written) < now, written
        for thread in run.threads:
            moments = [days.of(written) for written in (thread, *thread.replies)]
            assert moments == sorted(moments), thread.title
        for practice in run.practices:
            assert all(days.of(each) > days.of(practice) for each in practice.tryouts), practice.title
        said = [days.of_message(message) for message in run.room]
        for message, moment, replied_to in zip(run.room, said, _replied_to(run.room, said), strict=True):
            assert days.opening < moment < now, message
            assert replied_to <= moment, message
        asked = {thread.title: days.of(thread) for thread in run.threads}
        assert all(asked[one.answers] < days.of_message(one) for one in run.room if one.answers)
        for hour in run.hours:
            assert days.of(hour) < days.of_hour(hour)[0]


def _replied_to(room, moments):
    """When that was said to which each message replies."""
    return [moments[index - message.re] for index, message in enumerate(room)]


@by_run
def test_courses_end_months_open_and_hours_are_held_on_school_days(programme, run):
    course = next(each for each in programme.courses if each.key == run.course)
    for day in range(7):
        now = dt.datetime(2026, 11, 23 + day, 19, tzinfo=dt.UTC)
        days = days_of(run, course, programme, now)
        held = [days.of_hour(hour)[0].date() for hour in run.hours]
        on_school_days = [days.starts_on, days.ends_on, *held]
        if run.ends_in_days is None:
            on_school_days.append(days.opened_on)
        assert not [date for date in on_school_days if is_weekend(date)]
        for hour, date in zip(run.hours, held, strict=True):
            is_ahead = run.day_today is not None and hour.on > run.day_today
            assert (date > days.today) == is_ahead
            assert dt.time(15) <= dt.time.fromisoformat(hour.starts) < dt.time(18)


@by_slug
def test_no_text_is_empty_or_in_the_wrong_script(programme):
    for text in all_texts(programme):
        assert text.strip()
        has_cyrillic = any("а" <= letter <= "я" for letter in text.lower())
        assert has_cyrillic == (programme.institute.language == "ru"), text


@by_slug
def test_quotes_are_those_of_the_language(programme):
    closing = {"en": "”", "hu": "”", "pl": "”", "lt": "“", "ru": "»"}[programme.institute.language]
    opening = {"en": "“", "hu": "„", "pl": "„", "lt": "„", "ru": "«"}[programme.institute.language]
    for text in all_texts(programme):
        assert '"' not in text
        assert text.count(opening) == text.count(closing), text
        assert not (set("„“”«»") - {opening, closing}) & set(text), text


def all_texts(programme):
    """Every sentence of a programme that a reader meets."""
    for course in programme.courses:
        yield from (course.title, course.aim, course.audience, course.sharing_guide)
        yield from (module.title for module in course.modules)
        for prompt in course.prompts:
            yield from (prompt.title, prompt.text)
    for person in programme.people:
        yield from (person.name, person.does)
    for run in programme.runs:
        yield from (run.name, run.place)
        for thread in run.threads:
            yield from (thread.title, thread.text, *(reply.text for reply in thread.replies))
        for practice in run.practices:
            for one in (practice, *practice.tryouts):
                # Without a title it has that of the practice.
                yield one.title or practice.title
                yield from (one.context, one.tried, one.happened, one.change)
            yield from (comment.text for comment in practice.comments)
        yield from (step.sentence for step in run.reported_steps)
        yield from (hour.title for hour in run.hours)
        yield from (message.text for message in run.room)


def test_the_texts_contain_the_facts_of_their_sources():
    _english, hungarian, polish, lithuanian, southern, northern = PROGRAMMES
    assert "egyhónapos követő támogatás" in hungarian.institute.about
    assert "20\N{NO-BREAK SPACE}800" in polish.courses[0].aim
    assert "117" in polish.courses[0].aim
    assert {course.accredited_on for course in lithuanian.courses} == {dt.date(2012, 10, 19)}
    assert "penki arba šeši" in lithuanian.courses[0].audience
    assert "с 01.01.2024 по 31.12.2026" in southern.courses[0].aim
    assert sum(module.hours for module in northern.courses[0].modules) == 72


@by_run
def test_what_was_kept_answers_a_question_that_everybody_sees_and_that_waits(programme, run):
    waiting = {
        thread.title: thread
        for thread in run.threads
        if thread.question
        and thread.audience == "everyone"
        and not any(reply.answer for reply in thread.replies)
    }
    for message in run.room:
        if message.answers:
            assert message.by in run.trainers
            asked = waiting[message.answers]
            assert (asked.day, asked.at) < (message.day, message.at)


@by_run
def test_marks_are_of_members_and_replies_are_to_earlier_messages(programme, run):
    staff = {person.key for person in programme.people if person.role == "coordinator"}
    inside = {*run.participants, *run.trainers, *run.awaiting, *staff} - {*run.not_yet_in}
    for index, message in enumerate(run.room):
        assert message.re <= index
        for mark, who in (words.split() for words in message.marks):
            assert mark in Reaction.Mark.values
            assert who in inside - {message.by}


def test_in_each_programme_somebody_was_in_the_chat_and_in_two_they_will_be_soon():
    for programme in PROGRAMMES:
        assert any(hour for run in programme.runs for hour in run.hours)
        assert any(message.answers for run in programme.runs for message in run.room)
        assert any(message.re and message.marks for run in programme.runs for message in run.room)
    ahead = [run.key for _, run in RUNS for hour in run.hours if run.day_today and hour.on > run.day_today]
    assert ahead == ["sligo", "szeged"]


@by_slug
def test_roles_and_steps_exist(programme):
    steps = {step.step for run in programme.runs for step in run.reported_steps}
    assert steps <= {Step.TRIED, Step.SHARED}
    assert {prompt.step for course in programme.courses for prompt in course.prompts} <= set(Step.values)


def test_an_unknown_key_is_an_error(tmp_path):
    table = tomllib.loads((fixtures.FOLDER / "pl.toml").read_text("utf-8"))
    table["runs"][0]["wheather"] = "sunny"
    with pytest.raises(TypeError, match="wheather"):
        fixtures._from_table(fixtures.Programme, table)


def test_every_thread_has_an_existing_audience():
    audiences = {
        thread.audience for programme in PROGRAMMES for run in programme.runs for thread in run.threads
    }
    assert audiences == set(Thread.Audience.values)
