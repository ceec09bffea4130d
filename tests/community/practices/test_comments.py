"""Questions and comments on a practice: who may write them, what answers a question, what is new."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.access import Refused
from common.sources import SIGN
from community.people.models import Draft
from community.posts import actions as posts
from community.posts.counting import Name, totals
from community.practices import comment_actions
from community.practices.comment_models import Comment
from community.practices.comment_queries import COMMENTS_PER_PAGE, comment_path
from community.practices.models import Practice
from community.spaces.actions import dismiss
from community.unread.queries import new_in
from messaging.files.models import File
from tests.cast import close_now
from tests.messaging.files.test_attaching import made_picture, of
from tests.written import comment_on, publish


def text_in(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def practice(space, participant):
    return publish(space, participant)


@pytest.fixture
def path(practice):
    return reverse("practice", args=[practice.pk])


def is_answered(question):
    question.refresh_from_db()
    return question.answer is not None and not question.answer.is_withdrawn


def test_comments_stand_under_the_practice_the_oldest_first(as_, practice, path, trainer, participant):
    comment_on(practice, trainer, "How long did it take?")
    comment_on(practice, participant, "Two minutes.")
    page = as_(trainer).get(path)
    shown = text_in(page)
    assert shown.index("How long did it take?") < shown.index("Two minutes.")
    assert page.content.decode().count('<span class="badge">author</span>') == 1


def test_a_comment_is_written_in_the_box_under_the_practice(as_, practice, path, trainer):
    Draft.objects.create(user=trainer, place=path, fields={"text": "How lo"})
    client = as_(trainer)
    assert "How lo</textarea>" in client.get(path).content.decode()
    response = client.post(path, {"text": "How long?"})
    assert response.headers["Location"] == f"{path}#comment-1"
    assert Comment.objects.get().html == "<p>How long?</p>"
    assert not Draft.objects.exists()


def test_an_empty_comment_is_refused_on_the_page_of_the_practice(as_, path, trainer):
    response = as_(trainer).post(path, {"text": " "})
    assert "This field is required" in text_in(response)
    assert "We were silent." in text_in(response)
    assert not Comment.objects.exists()


def test_a_comment_sent_twice_is_there_once(as_, path, trainer):
    written = {"text": "How long?", "client_id": str(uuid.uuid4())}
    for _twice in range(2):
        as_(trainer).post(path, written)
    assert Comment.objects.count() == 1


def test_comments_are_written_after_the_end_of_talk_as_well(space, practice, trainer):
    close_now(space)
    practice.space.refresh_from_db()
    assert comment_on(practice, trainer).number == 1


def test_who_only_reads_along_gets_no_box_and_is_refused(as_, cast, practice, path):
    assert "Your comment or question" not in text_in(as_(cast.evaluator).get(path))
    with pytest.raises(Refused):
        comment_on(practice, cast.evaluator)


def test_a_withdrawn_practice_takes_no_comments(practice, participant, trainer):
    posts.withdraw(post=practice, by=participant)
    with pytest.raises(Refused):
        comment_on(practice, trainer)


def test_asking_the_author_leads_to_the_box_with_the_question_ticked(as_, path, trainer, participant):
    page = as_(trainer).get(path)
    assert 'href="?ask=1#id_text"' in page.content.decode()
    assert not page.context["form"]["asks"].value()
    assert as_(trainer).get(f"{path}?ask=1").context["form"]["asks"].value()
    assert "Ask the author" not in text_in(as_(participant).get(path))


def test_who_has_left_is_not_asked(as_, cast, space, path, participant, trainer):
    dismiss(space=space, user=participant, by=cast.coordinator)
    shown = text_in(as_(trainer).get(path))
    assert "Ask the author" not in shown
    assert "A question to the author" not in shown
    assert "Your comment or question" in shown


def test_a_question_is_open_until_its_author_answers(as_, practice, path, trainer, participant):
    question = comment_on(practice, trainer, asks=True)
    client = as_(participant)
    shown = client.get(path)
    assert "Needs an answer" in text_in(shown)
    assert "?page=1&amp;answers=1#id_text" in shown.content.decode()
    box = client.get(f"{path}?page=1&answers=1")
    assert "On Tamara Trainer’s question: How long did it take?" in text_in(box)
    client.post(path, {"text": "Two minutes.", "answers": "1"})
    assert is_answered(question)
    shown = text_in(client.get(path))
    assert "Needs an answer" not in shown
    assert "Go to the answer" in shown
    assert "This answers it" in shown


def test_what_another_writes_answers_it_when_the_asker_says_so(
    practice, trainer, another_participant, participant
):
    question = comment_on(practice, trainer, asks=True)
    reply = comment_on(practice, another_participant, answers=1)
    assert not is_answered(question)
    with pytest.raises(Refused):
        comment_actions.accept_answer(comment=reply, by=another_participant)
    comment_actions.accept_answer(comment=reply, by=trainer)
    assert is_answered(question)
    comment_actions.unaccept(comment=reply, by=participant)
    assert not is_answered(question)


def test_a_comment_for_no_question_answers_nothing(practice, trainer, participant):
    comment = comment_on(practice, participant)
    with pytest.raises(Refused):
        comment_actions.accept_answer(comment=comment, by=trainer)


def test_an_answer_that_is_withdrawn_leaves_the_question_open(as_, practice, path, trainer, participant):
    comment_on(practice, trainer, asks=True)
    answer = comment_on(practice, participant, answers=1)
    posts.withdraw(post=answer, by=participant)
    assert "Needs an answer" in text_in(as_(trainer).get(path))
    posts.restore(post=answer, by=participant)
    assert "Needs an answer" not in text_in(as_(trainer).get(path))


def test_the_answer_to_a_question_deleted_meanwhile_is_a_comment(practice, trainer, participant):
    question = comment_on(practice, trainer, asks=True)
    posts.withdraw(post=question, by=trainer)
    assert comment_on(practice, participant, answers=1).answers is None


def test_a_question_of_another_practice_is_not_answered(space, practice, trainer, participant):
    question = comment_on(practice, trainer, asks=True)
    other = publish(space, participant)
    assert comment_on(other, participant, answers=question.number).answers is None


def test_the_author_asks_no_question_of_themselves(practice, participant):
    assert not comment_on(practice, participant, asks=True).asks


def test_ones_own_comment_can_be_changed_and_taken_back(as_, practice, path, trainer, participant):
    comment = comment_on(practice, trainer)
    edit = reverse("comment_edit", args=[comment.pk])
    client = as_(trainer)
    assert "How long did it take?" in client.get(edit).content.decode()
    client.post(edit, {"text": "How long, and with whom?"})
    assert "How long, and with whom?" in text_in(client.get(path))
    client.post(reverse("comment_withdraw", args=[comment.pk]))
    assert "You deleted this. Restore" in text_in(client.get(path))
    assert "deleted this" not in text_in(as_(participant).get(path))
    client.post(reverse("comment_restore", args=[comment.pk]))
    assert "How long, and with whom?" in text_in(as_(participant).get(path))


def test_what_is_new_is_marked_and_counted_until_it_is_read(as_, space, practice, path, trainer, participant):
    def new_to_author():
        return new_in(participant, [space.pk])[space.pk].practices

    as_(participant).get(path)
    assert new_to_author() == 0
    comment_on(practice, trainer)
    assert new_to_author() == 1
    assert "New since you were here" in text_in(as_(participant).get(path))
    assert new_to_author() == 0
    assert "New since you were here" not in text_in(as_(participant).get(path))
    posts.withdraw(post=comment_on(practice, trainer), by=trainer)
    assert new_to_author() == 0


def test_ones_own_comments_are_not_new(space, practice, trainer, as_, path):
    as_(trainer).get(path)
    comment_on(practice, trainer)
    assert new_in(trainer, [space.pk])[space.pk].practices == 0


def test_marking_practices_as_read_marks_their_comments(as_, space, practice, trainer, participant):
    comment_on(practice, trainer)
    as_(participant).post(reverse("space_practices_read", args=[space.pk]))
    assert new_in(participant, [space.pk])[space.pk].practices == 0


def test_comments_count_as_posts(space, practice, trainer):
    before = totals(space.pk)[Name.POSTED]
    posts.withdraw(post=comment_on(practice, trainer), by=trainer)
    comment_on(practice, trainer)
    assert totals(space.pk)[Name.POSTED] == before + 1


def test_the_page_of_a_day_shows_them_under_their_practice(as_, cast, practice, trainer):
    comment_on(practice, trainer)
    day = reverse("month_day", args=[cast.month.pk, practice.created_at.date().isoformat()])
    shown = text_in(as_(trainer).get(day))
    assert "How long did it take?" in shown
    assert shown.count("Two minutes of silence") == 1


def test_the_queries_of_a_practice_do_not_grow_with_its_comments(
    as_, practice, path, trainer, participant, django_assert_max_num_queries
):
    client = as_(trainer)
    comment_on(practice, participant)
    client.get(path)
    with django_assert_max_num_queries(7) as few:
        client.get(path)
        taken = len(few)
    for _more in range(5):
        comment_on(practice, participant)
        comment_on(practice, trainer, asks=True)
    client.get(path)
    with django_assert_max_num_queries(taken):
        client.get(path)


def test_a_long_talk_has_pages(as_, practice, path, trainer, participant):
    made = [
        comment_on(practice, participant, f"Comment {number}.") for number in range(COMMENTS_PER_PAGE + 1)
    ]
    assert comment_path(made[-1]) == f"{path}?page=2#comment-{COMMENTS_PER_PAGE + 1}"
    assert "Comment 30." not in text_in(as_(trainer).get(path))
    assert "Comment 30." in text_in(as_(trainer).get(f"{path}?page=2"))


def test_what_was_said_about_a_practice_stays_in_its_space(space, practice, trainer, stranger):
    from community.posts.models import Audience

    comment_on(practice, trainer)
    Audience.objects.create(post_kind="practice", post_id=practice.pk, reach="library")
    assert Practice.objects.visible_to(stranger).exists()
    assert not Comment.objects.visible_to(stranger).exists()


def test_a_comment_has_pictures_and_files_which_go_with_it(as_, practice, path, trainer, participant):
    sheet = SimpleUploadedFile("sheet.txt", b"Two minutes each.")
    as_(trainer).post(path, {"text": "See the sheet", "upload": sheet})
    comment = Comment.objects.get()
    file = File.objects.get(kind="comment", thing_id=comment.pk)
    address = reverse("file", args=[file.pk, file.name])
    assert address in as_(participant).get(path).text
    # A response that is closed closes the connection to PostgreSQL, and with it the transaction of the test.
    assert as_(participant).get(address).getvalue() == b"Two minutes each."
    edit = as_(trainer).get(reverse("comment_edit", args=[comment.pk]))
    assert file.key.hex in edit.text
    posts.withdraw(post=comment, by=trainer)
    assert as_(participant).get(address).status_code == 404


def test_a_picture_in_the_text_of_a_comment_is_drawn_there_and_not_below(as_, practice, path, trainer):
    file, later = made_picture(trainer), made_picture(trainer)

    def text(file):
        return f'{SIGN}<p>Look:</p><figure><img data-file="{file.key.hex}"></figure>'

    comment = comment_on(practice, trainer, text(file), files=of(file))
    assert f"/pictures/{file.pk}/" in comment.html
    comment_actions.edit_comment(comment=comment, by=trainer, text=text(later), files=of(later))
    shown = as_(trainer).get(path).text
    assert f"/pictures/{later.pk}/" in shown
    assert 'class="attachments"' not in shown
