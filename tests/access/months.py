"""Access to months."""

from tests.access import Row, post, row

LONGER = {"last_day": "=later_day", "reason": "The break", "stays": "on"}
STEP = {"step": "tried", "sentence": "I tried an exit ticket."}
HOUR = {"title": "Exit tickets", "day": "=next_week", "starts": "16:00", "ends": "17:00"}
LINK = {"run": "=run", "title": "A page", "link": "https://school.test/"}

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("month_extend", "s 433+ +4 34", "pk:month"),
    row("month_extend", "s 443+ +4 34", "pk:month", closed=True),
    post("month_extend", "s 433+ +4 34", "pk:month", **LONGER),
    post("extension_answer", "s 433+ 34 34", "pk:month", "extension_pk:extension", stays="yes"),
    row("month_materials", "s 4+++ +4 +4", "pk:month"),
    row("month_materials", "s 44++ +4 +4", "pk:month", closed=True),
    post("month_materials", "s 433+ +4 34", "pk:month", **LINK),
    post("material_remove", "s 433+ +4 34", "pk:month", "material_pk:material_of_run"),
    post("material_restore", "s 433+ +4 34", "pk:month", "material_pk:material_of_run"),
    row("month_steps", "s 4+++ +4 +4", "pk:month"),
    row("month_steps", "s 44++ +4 +4", "pk:month", closed=True),
    post("month_report_step", "s 4++3 34 34", "pk:month", **STEP),
    post("month_report_step", "s 44+3 34 34", "pk:month", closed=True, **STEP),
    row("month_day", "s 4+++ +4 +4", "pk:month", "day:first_day"),
    row("month_day", "s 44++ +4 +4", "pk:month", "day:first_day", closed=True),
    row("month_day", "s 4444 44 44", "pk:month", "day:day_before"),
    row("month_day", "s 4444 44 44", "pk:month", "day:word"),
    row("month_person", "s 4+++ +4 +4", "pk:month", "person:participant"),
    row("month_person", "s 44++ +4 +4", "pk:month", "person:participant", closed=True),
    row("month_person", "s 4444 44 44", "pk:month", "person:stranger"),
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("live_hours", "s 4+++ +4 +4", "pk:month"),
    row("live_hours", "s 44++ +4 +4", "pk:month", closed=True),
    post("live_hours", "s 433+ +4 34", "pk:month", **HOUR),
    post("live_hours", "s 4433 34 34", "pk:month", closed=True, **HOUR),
    post("live_now", "s 433+ +4 34", "pk:month"),
    post("live_now", "s 4433 34 34", "pk:month", closed=True),
    row("live_hour_move", "s 433+ +4 34", "pk:month", "hour_pk:live_hour"),
    post("live_hour_move", "s 433+ +4 34", "pk:month", "hour_pk:live_hour", **HOUR),
    post("live_hour_cancel", "s 433+ +4 34", "pk:month", "hour_pk:live_hour"),
    row("live_hour_keep", "s 433+ +4 34", "pk:month", "hour_pk:live_hour"),
    post("month_read_along", "s 4+++ 34 34", "pk:month", reads_along="yes"),
]
