"""The timeline: days, labels and dots as they are drawn, and in words."""

import dataclasses
import datetime as dt
import itertools
import xml.etree.ElementTree as ET

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from followup.overview.drawing import text_width
from followup.overview.timeline import Prompt, Timeline

FIRST = dt.date(2026, 11, 9)  # a Monday
TITLES = {
    "en": ["Try one thing", "Share how it went", "Pass it on in school", "Look back"],
    "hu": [
        "Próbálj ki egyetlen dolgot a saját órádon",
        "Oszd meg, hogyan sikerült",
        "Add tovább",
        "Tekints vissza",
    ],
    "ru": [
        "Попробуйте одну вещь на своём уроке",
        "Расскажите, что получилось",
        "Передайте дальше",
        "Оглянитесь",
    ],
    "lt": [
        "Išbandykite vieną dalyką savo pamokoje",
        "Pasidalykite, kaip sekėsi",
        "Perduokite",
        "Atsigręžkite",
    ],
}


def timeline(days=31, day=12, *, language="en", posts=None, closed=False, every=7):
    prompts = [
        Prompt(FIRST + dt.timedelta(every * number), title, title.lower())
        for number, title in enumerate(TITLES[language])
    ]
    last = FIRST + dt.timedelta(days - 1)
    today = FIRST + dt.timedelta(day - 1)
    return Timeline(first=FIRST, last=last, today=today, prompts=prompts, posts=posts or {}, closed=closed)


def kinds(drawing):
    return [bar.kind for bar in drawing.bars]


def test_past_days_today_and_the_last_week_have_their_kinds():
    drawn = kinds(timeline(31, 12).wide)
    assert drawn == ["past"] * 11 + ["today"] + ["ahead"] * 12 + ["last"] * 7


def test_today_in_the_last_week_has_a_kind_of_its_own():
    assert kinds(timeline(31, 27).wide)[26] == "last-today"


def test_all_cells_of_a_closed_month_are_closed():
    assert set(kinds(timeline(31, 60, closed=True).wide)) == {"closed"}


def test_a_long_follow_up_is_drawn_in_weeks():
    half_year = timeline(184, 61, every=42)
    assert len(half_year.wide.bars) == 27
    assert kinds(half_year.wide).count("last") == 1


def test_a_post_is_a_dot_and_at_most_three_are_drawn():
    posts = {FIRST: 1, FIRST + dt.timedelta(1): 2, FIRST + dt.timedelta(2): 40}
    assert len(timeline(posts=posts).wide.dots) == 1 + 2 + 3
    assert len(timeline(posts=posts).narrow.dots) == 1 + 2 + 3


def test_the_small_one_shows_the_days_with_posts_taller():
    bars = timeline(posts={FIRST: 1}).mini.bars
    assert bars[0].height > bars[1].height


def test_the_bars_of_a_kind_are_one_outline():
    mini = timeline(posts={FIRST: 1}).mini
    assert set(mini.outlines) == set(kinds(mini))
    assert sum(outline.count("M") for outline in mini.outlines.values()) == len(mini.bars)
    first, second = mini.bars[:2]
    assert mini.outlines[first.kind].startswith(
        f"M0 {first.y}h3v{first.height}h-3zM4 {second.y}h3v{second.height}h-3z"
    )


def test_the_thin_row_is_drawn_anew_only_when_it_looks_otherwise():
    drawn = timeline(posts={FIRST: 1}).mini_drawn
    assert timeline(posts={FIRST: 3}).mini_drawn is drawn
    assert "<svg" in drawn
    for other in (timeline(), timeline(posts={FIRST: 1}, closed=True)):
        assert other.mini_drawn != drawn


def test_on_a_phone_a_row_is_a_fortnight():
    rows = {}
    for bar in timeline(31, 40, closed=True).narrow.bars:
        rows.setdefault(bar.y + bar.height // 2, []).append(bar)
    assert [len(row) for row in rows.values()] == [14, 14, 3]


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize(("days", "every"), [(28, 7), (31, 7), (45, 7), (61, 14), (184, 42), (365, 90)])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_labels_do_not_overlap_or_leave_the_drawing(language, days, every, size):
    for day in range(1, days, every // 2):
        drawing = getattr(timeline(days, day, language=language, every=every), size)
        labels = [mark for mark in drawing.texts if mark.kind.startswith("label")]
        labels.sort(key=lambda mark: (mark.y, mark.x))
        for label, after in itertools.pairwise([*labels, None]):
            end = after.x if after and after.y == label.y else drawing.width
            assert label.x >= 0
            assert label.x + text_width(label.text, bold="now" in label.kind) <= end


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("language", TITLES)
def test_the_current_label_is_never_shortened(language, size):
    for day in (1, 50, 100, 180):
        half_year = timeline(184, day, language=language, every=49)
        running = [mark.text for mark in getattr(half_year, size).texts if "now" in mark.kind]
        assert len(running) == 1
        assert "…" not in running[0]


def test_a_month_of_four_weeks_has_all_labels():
    labels = [mark.text for mark in timeline(31, 12).wide.texts if mark.kind.startswith("label")]
    assert sorted(labels) == sorted(TITLES["en"])


def test_the_current_prompt_is_marked():
    bold = [mark.text for mark in timeline(31, 12).wide.texts if "now" in mark.kind]
    assert bold == ["Share how it went"]


def test_the_sentence_describes_the_drawing():
    assert timeline(31, 12, posts={FIRST: 2}).sentence == (
        "Day 12 of 31. This week: Share how it went. 19 days left. 2 things written."
    )
    assert (
        timeline(31, 31).sentence
        == "Day 31 of 31. This week: Look back. This is the last day. Nothing written yet."
    )
    assert timeline(31, 60, closed=True).sentence == "Closed. Nothing written yet."
    assert timeline(31, 0).sentence == "Opens on 9 November. Nothing written yet."


@given(days=st.integers(28, 400), day=st.integers(-5, 420), posts=st.integers(0, 9))
def test_every_drawing_keeps_its_cells_inside_and_apart(days, day, posts):
    month = timeline(days, day, posts={FIRST: posts}, every=days // 4)
    for drawing in (month.wide, month.narrow, month.mini):
        assert all(bar.width > 0 and bar.height > 0 for bar in drawing.bars)
        assert all(bar.x >= -4 and bar.x + bar.width <= drawing.width + 4 for bar in drawing.bars)
        assert all(bar.y >= 0 and bar.y + bar.height <= drawing.height for bar in drawing.bars)
        assert len(drawing.bars) == len(month.cells)


@pytest.mark.parametrize("language", ["en", "hu", "ru"])
def test_the_drawing_is_valid_svg_without_style_and_read_aloud_once(language):
    with override(language):
        page = render_to_string("overview/_timeline.html", {"timeline": timeline(posts={FIRST: 2})})
    figure = ET.fromstring(page[page.index("<figure") :])
    assert figure.get("role") == "img"
    assert figure.get("aria-label")
    assert [svg.get("aria-hidden") for svg in figure] == ["true", "true"]
    assert "style=" not in page
    assert all(rect.get("x").lstrip("-").isdigit() for rect in figure.iter("rect"))


def test_a_live_hour_is_a_ring_in_both_drawings_and_in_the_sentence():
    ahead, past = FIRST + dt.timedelta(12), FIRST + dt.timedelta(3)
    drawn = dataclasses.replace(timeline(31, 12), hours=[past, ahead])
    assert [ring.kind for ring in drawn.wide.rings] == ["past", "ahead"]
    assert [ring.kind for ring in drawn.narrow.rings] == ["past", "ahead"]
    bars = drawn.wide.bars
    for ring, day in zip(drawn.wide.rings, (3, 12), strict=True):
        assert bars[day].x <= ring.x <= bars[day].x + bars[day].width
    assert "Live hour: " in drawn.sentence
    assert drawn.sentence.count("Live hour") == 1


def test_an_hour_of_today_does_not_cover_the_number_of_the_day():
    drawn = dataclasses.replace(timeline(31, 12), hours=[FIRST + dt.timedelta(11)])
    (ring,) = drawn.wide.rings
    (number,) = [text for text in drawn.wide.texts if text.kind == "number"]
    assert ring.y < number.y - 10
    assert ring.x > number.x + 5
