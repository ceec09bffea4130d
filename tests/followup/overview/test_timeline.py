"""The timeline: days, dots, labels and dates as they are drawn, and in words."""

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
from followup.overview.labels import DATE_PX, LABEL_GAP_PX, NARROW_PX, WIDE_PX
from followup.overview.timeline import HEIGHT_PX, Prompt, Timeline

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
SHORT = ["try", "share", "pass it on", "look back"]
LENGTHS = [(28, 7), (31, 7), (35, 7), (45, 7), (50, 7), (61, 14), (63, 14), (184, 42), (365, 90)]


def timeline(days=31, day=12, *, language="en", posts=None, closed=False, every=7, steps=SHORT, **more):
    prompts = [
        Prompt(FIRST + dt.timedelta(every * number), title, short)
        for number, (title, short) in enumerate(zip(TITLES[language], steps, strict=True))
    ]
    last = FIRST + dt.timedelta(days - 1)
    today = FIRST + dt.timedelta(day - 1)
    return Timeline(
        first=FIRST, last=last, today=today, prompts=prompts, posts=posts or {}, closed=closed, **more
    )


def kinds(drawing):
    return [bar.kind for bar in drawing.bars]


def labels(month):
    return [label for line in month.label_lines for label in line]


def left_of(texts, width, measure):
    """Where texts begin and end in a drawing so wide, in pixels."""
    own = sum(measure(part) for part in texts.parts) + 8 * (len(texts.parts) - 1)
    place = texts.at * width / 100
    left = {"start": place, "middle": place - own / 2, "end": place - own}[texts.anchor]
    return left, left + own


def test_past_days_today_and_the_last_week_have_their_kinds():
    drawn = kinds(timeline(31, 12).drawing)
    assert drawn == ["past"] * 11 + ["today"] + ["ahead"] * 12 + ["last"] * 7


def test_today_in_the_last_week_has_a_kind_of_its_own():
    assert kinds(timeline(31, 27).drawing)[26] == "last-today"


def test_all_cells_of_a_closed_month_are_closed():
    closed = timeline(31, 60, closed=True)
    assert set(kinds(closed.drawing)) == {"closed"}
    assert not closed.drawing.underline


def test_what_a_colour_says_is_said_by_a_shape_as_well():
    drawing = timeline(31, 12).drawing
    heights = {
        bar.kind: max(each.height for each in drawing.bars if each.kind == bar.kind) for bar in drawing.bars
    }
    assert heights["today"] > heights["past"] == heights["ahead"] == heights["last"]
    start, length = drawing.last_week
    assert start.x // 10 == 24
    assert start.x + length <= drawing.width


def test_a_long_follow_up_is_drawn_in_weeks():
    half_year = timeline(184, 61, every=42)
    assert len(half_year.drawing.bars) == 27
    assert kinds(half_year.drawing).count("last") == 1


def test_a_post_is_a_dot_and_at_most_three_are_drawn():
    posts = {FIRST: 1, FIRST + dt.timedelta(1): 2, FIRST + dt.timedelta(2): 40}
    assert len(timeline(posts=posts).drawing.dots) == 1 + 2 + 3


def test_a_week_has_a_dot_for_each_day_with_posts_at_the_place_of_the_day():
    posts = {FIRST: 1, FIRST + dt.timedelta(3): 9, FIRST + dt.timedelta(8): 2}
    dots = timeline(61, 30, every=14, posts=posts).drawing.dots
    assert len(dots) == 3
    assert [dot.x // 100 for dot in dots] == [0, 0, 1]
    assert dots[0].x < dots[1].x < 100


def test_weekends_are_low_unless_something_was_written():
    saturday, sunday = FIRST + dt.timedelta(5), FIRST + dt.timedelta(6)
    bars = timeline(posts={saturday: 1}).drawing.bars
    assert bars[(saturday - FIRST).days].height == bars[0].height > bars[(sunday - FIRST).days].height


def test_the_small_one_shows_the_days_with_posts_taller():
    bars = timeline(posts={FIRST: 1}).mini.bars
    assert bars[0].height > bars[1].height


def test_the_small_one_says_in_words_what_it_shows():
    posts = {FIRST: 3, FIRST + dt.timedelta(2): 1, FIRST - dt.timedelta(2): 1}
    assert timeline(posts=posts).mini_sentence == "Day 12 of 31. Something was written on 2 days."
    assert timeline().mini_sentence == "Day 12 of 31"
    assert timeline(posts=posts).mini_sentence in timeline(posts=posts).mini_drawn


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


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize(("days", "every"), LENGTHS)
def test_no_label_is_cut_doubled_or_covered(language, days, every):
    for steps in (SHORT, ["share"] * 4):
        for day in range(1, days, every // 2):
            month = timeline(days, day, language=language, every=every, steps=steps)
            whole = [*TITLES[language], *(short.capitalize() for short in SHORT)]
            for line in month.label_lines:
                for label, after in itertools.pairwise([*line, None]):
                    (part,) = label.parts
                    assert part.text.partition(". ")[2] in whole or part.text in whole or part.text.isdigit()
                    left, right = left_of(label, WIDE_PX, lambda part: text_width(part.text, bold=part.now))
                    assert left >= 0
                    assert right <= (after.at * WIDE_PX / 100 if after else WIDE_PX)
            texts = [label.parts[0].text for label in labels(month)]
            assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("language", TITLES)
def test_on_a_phone_the_current_prompt_alone_is_named_and_fits(language):
    for day in (1, 20, 50, 100, 180):
        label = timeline(184, day, language=language, every=49).narrow_label
        left, right = left_of(label, NARROW_PX, lambda part: text_width(part.text, bold=True))
        assert left >= 0
        assert right <= NARROW_PX


def test_prompts_without_room_for_their_names_have_numbers():
    month = timeline(31, 23, every=2, steps=["share"] * 4)
    assert [label.parts[0].text for label in labels(month)] == ["1", "2", "3", "4. Look back"]


@pytest.mark.parametrize("width", [("narrow", NARROW_PX), ("wide", WIDE_PX)], ids=["narrow", "wide"])
@pytest.mark.parametrize(("days", "every"), LENGTHS)
def test_the_first_day_today_and_the_last_day_are_readable_together(width, days, every):
    size, pixels = width
    for day in range(1, days + 1):
        month = timeline(days, day, every=every)
        shown = [texts for texts in month.dates if texts.shown in ("", size)]
        spans = sorted(left_of(texts, pixels, lambda _part: DATE_PX) for texts in shown)
        assert spans[0][0] >= 0
        assert spans[-1][1] <= pixels
        assert all(one[1] + LABEL_GAP_PX <= other[0] for one, other in itertools.pairwise(spans))
        words = [part.text for texts in shown for part in texts.parts]
        assert len(words) == (2 if day in (1, days) else 3)
        assert [part.now for texts in shown for part in texts.parts].count(True) == 1


def test_a_closed_month_shows_its_first_and_last_day():
    assert [texts.parts[0].text for texts in timeline(31, 60, closed=True).dates] == ["9 Nov", "9 Dec"]


def test_lithuanian_months_are_words():
    with override("lt"):
        assert timeline(31, 60, closed=True).dates[0].parts[0].text == "lapkr. 9"


def test_a_month_of_four_weeks_has_all_labels():
    names = [label.parts[0].text for label in labels(timeline(31, 12))]
    assert names == ["Try", "Share", "Pass it on", "Look back"]


def test_the_current_prompt_is_marked():
    now = [part.text for label in labels(timeline(31, 12)) for part in label.parts if part.now]
    assert now == ["Share"]


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
    for drawing in (month.drawing, month.mini):
        assert all(bar.width > 0 and bar.height > 0 for bar in drawing.bars)
        assert all(bar.x >= 0 and bar.x + bar.width <= drawing.width for bar in drawing.bars)
        assert all(bar.y >= 0 and bar.y + bar.height <= drawing.height for bar in drawing.bars)
        assert all(one.x + one.width < other.x for one, other in itertools.pairwise(drawing.bars))
        assert len(drawing.bars) == len(month.cells)
    assert all(0 < dot.y < HEIGHT_PX for dot in month.drawing.dots)


def drawn(month, *, explained=False):
    page = render_to_string("overview/_timeline.html", {"timeline": month, "explained": explained})
    return page, ET.fromstring(page[page.index("<figure") :].replace("&nbsp;", " "))


@pytest.mark.parametrize("language", ["en", "hu", "ru"])
def test_the_drawing_is_valid_svg_without_style_and_read_aloud_once(language):
    with override(language):
        page, figure = drawn(timeline(posts={FIRST: 2}), explained=True)
    (picture,) = (each for each in figure.iter("div") if each.get("role") == "img")
    assert picture.get("aria-label")
    assert all(svg.get("aria-hidden") == "true" for svg in figure.iter("svg"))
    assert "style=" not in page


def test_without_a_month_to_read_it_is_a_picture():
    _page, figure = drawn(timeline())
    assert not list(figure.iter("a"))
    assert not list(figure.iter("details"))


def test_the_days_that_have_begun_are_links_and_the_tab_key_stops_at_one():
    _page, figure = drawn(timeline(31, 12, posts={FIRST: 2}, month=5, hours=[FIRST]))
    links = list(figure.iter("a"))
    assert [link.get("href") for link in links][:2] == [
        "/months/5/days/2026-11-09/",
        "/months/5/days/2026-11-10/",
    ]
    assert len(links) == 12
    assert [link.get("tabindex") for link in links] == ["-1"] * 11 + [None]
    assert links[0].get("title") == "Monday, 9 November: 2 things written, live hour"
    assert links[1].get("title") == "Tuesday, 10 November"
    assert len(list(figure.iter("i"))) == 31 - 12


def test_on_the_page_of_a_day_the_tab_key_stops_at_that_day():
    _page, figure = drawn(timeline(31, 12, month=5, selected=FIRST))
    links = list(figure.iter("a"))
    assert links[0].get("aria-current") == "date"
    assert [link.get("tabindex") for link in links] == [None] + ["-1"] * 11


@pytest.mark.parametrize("days", [31, 61, 184])
def test_the_tab_key_stops_at_the_last_cell_of_a_closed_month(days):
    _page, figure = drawn(timeline(days, days + 30, month=5, closed=True, every=7))
    links = list(figure.iter("a"))
    assert [link.get("tabindex") for link in links][-1] is None
    assert sum(link.get("tabindex") is None for link in links) == 1


def test_a_strip_of_weeks_says_that_a_box_is_a_week():
    assert "one box is one week" in drawn(timeline(61, 20, every=14))[0]
    assert "one box is one week" not in drawn(timeline(31, 20))[0]


def test_a_live_hour_is_a_ring_above_its_day_and_in_the_sentence():
    ahead, past = FIRST + dt.timedelta(12), FIRST + dt.timedelta(3)
    month = dataclasses.replace(timeline(31, 12), hours=[past, ahead])
    for ring, day in zip(month.drawing.rings, (3, 12), strict=True):
        bar = month.drawing.bars[day]
        assert bar.x <= ring.x <= bar.x + bar.width
    assert "Live hour: " in month.sentence
    assert month.sentence.count("Live hour") == 1


def test_in_a_week_a_live_hour_stands_at_its_day():
    month = dataclasses.replace(timeline(61, 30, every=14), hours=[FIRST, FIRST + dt.timedelta(8)])
    first, second = month.drawing.rings
    assert first.x < 50
    assert 100 < second.x < 150


def test_a_live_hour_covers_no_dot_of_its_day():
    month = dataclasses.replace(timeline(31, 12, posts={FIRST: 5}), hours=[FIRST])
    (ring,) = month.drawing.rings
    assert month.drawing.dots
    assert all(dot.y - ring.y > 5 for dot in month.drawing.dots)
