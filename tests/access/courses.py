"""Access to courses and course groups."""

from tests.access import post, row

TITLE = {
    "title": "A new course",
    "language": "en",
    "aim": "To try.",
    "audience": "Teachers.",
    "follow_up_months": "1",
    "modules-TOTAL_FORMS": "0",
    "modules-INITIAL_FORMS": "0",
    "prompts-TOTAL_FORMS": "0",
    "prompts-INITIAL_FORMS": "0",
}
DAYS = {"starts_on": "2026-03-02", "ends_on": "2026-03-04"}
TRAINER = {"trainer-name": "Nora New", "trainer-address": "nora.new@school.test"}
PERSON = {"person-name": "Nora New", "person-address": "nora.new@school.test"}
LINK = {"title": "A page", "link": "https://school.test/page", "run": "=run"}

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("courses", "+ ++++ ++ ++"),
    row("course", "+ ++++ ++ ++", "slug:course_slug"),
    row("course", "4 4444 +4 +4", "slug:hidden_course"),
    row("course_new", "s 3333 ++ 33"),
    post("course_new", "s 3333 ++ 33", institute="=institute", **TITLE),
    row("course_edit", "s 4444 +4 44", "slug:course_slug"),
    post("course_edit", "s 4444 +4 44", "slug:course_slug", **TITLE),
    post("course_publish", "s 4444 +4 44", "slug:hidden_course"),
    post("course_unpublish", "s 4444 +4 44", "slug:course_slug"),
    row("run_new", "s 4444 +4 44", "slug:course_slug"),
    post("run_new", "s 4444 +4 44", "slug:course_slug", **DAYS),
    row("run", "s 444+ +4 +4", "pk:run"),
    row("run_edit", "s 4443 +4 34", "pk:run"),
    post("run_edit", "s 4443 +4 34", "pk:run", **DAYS),
    post("run_trainer_add", "s 4443 +4 34", "pk:run", **TRAINER),
    post("run_trainer_remove", "s 4443 +4 34", "pk:run", "user_pk:trainer_of_run"),
    post("run_trainer_restore", "s 4443 +4 34", "pk:run", note="=trainer_note"),
    post("run_invitation_again", "s 4443 +4 34", "pk:run", "user_pk:trainer_of_run"),
    row("run_invitation_address", "s 4443 +4 34", "pk:run", "user_pk:trainer_of_run"),
    post(
        "run_invitation_address",
        "s 4443 +4 34",
        "pk:run",
        "user_pk:invited_trainer",
        address="nora.right@school.test",
    ),
    post("enrolment_add", "s 4443 +4 34", "pk:run", **PERSON),
    post("enrolment_list", "s 4443 +4 34", "pk:run", people="Nora New, nora.new@school.test"),
    post("enrolment_remove", "s 4443 +4 34", "pk:run", "enrolment_pk:enrolment"),
    post("enrolment_restore", "s 4443 +4 34", "pk:run", note="=enrolment_note"),
    row("run_materials", "s 444+ +4 +4", "pk:run"),
    post("run_materials", "s 444+ +4 34", "pk:run", **LINK),
    post("run_material_remove", "s 444+ +4 34", "pk:run", "material_pk:material_of_run"),
    post("run_material_restore", "s 444+ +4 34", "pk:run", "material_pk:material_of_run"),
]
