"""Access to institutes."""

from tests.access import post, row

NEW = {"name": "Nora New", "address": "nora.new@school.test", "role": "office"}

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("institute_new", "s 3333 33 33"),
    post(
        "institute_new",
        "s 3333 33 33",
        name="An Institute",
        language="hu",
        time_zone="Europe/Budapest",
        coordinator="Nora New",
        address="nora.new@school.test",
    ),
    row("institute", "s 4444 +4 +4", "slug:institute_slug"),
    row("institute_edit", "s 4444 +4 34", "slug:institute_slug"),
    post(
        "institute_edit",
        "s 4444 +4 34",
        "slug:institute_slug",
        name="Course Institute",
        language="hu",
        time_zone="Europe/Budapest",
    ),
    post("staff_add", "s 4444 +4 34", "slug:institute_slug", **NEW),
    post("staff_invite", "s 4444 +4 34", "slug:institute_slug", "pk:staff"),
    post("staff_role", "s 4444 +4 34", "slug:institute_slug", "pk:staff", role="office"),
    post("staff_remove", "s 4444 +4 34", "slug:institute_slug", "pk:staff"),
    post("staff_restore", "s 4444 +4 34", "slug:institute_slug", note="=staff_note"),
]
