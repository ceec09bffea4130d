"""How the files of a post are drawn."""

import re

from django.template.loader import render_to_string

from common import document_html
from common.document_html import Picture
from common.documents import Block, Run
from messaging.files.pictures import PICTURE_TYPE
from messaging.files.shown import ShownFile, in_text


def file(pk: int = 1, **more: object) -> ShownFile:
    given = {"name": "board.jpg", "content_type": PICTURE_TYPE, "alt": "", "width": 2000, "height": 1000}
    values = {"pk": pk, "key": f"{pk:032x}", "size": 300_000, "is_hidden": False, **given, **more}
    return ShownFile(**values)  # type: ignore[arg-type]


def drawn(*files: ShownFile) -> str:
    return render_to_string("components/_attachments.html", {"files": files})


def test_a_picture_is_drawn_in_the_size_that_fits_and_its_place_is_kept() -> None:
    page = drawn(file(alt="Sums on the board"))
    assert "small.webp 480w" in page
    assert "medium.webp 1080w" in page
    assert re.search(r'<img [^>]*width="2000" height="1000" loading="lazy"', page)
    assert 'alt="Sums on the board"' in page


def test_a_link_to_a_picture_that_nobody_described_has_a_name_of_its_own() -> None:
    page = drawn(file(1), file(2))
    assert 'alt="Picture 1, not described"' in page
    assert 'alt="Picture 2, not described"' in page
    assert "data-described" not in page


def test_of_what_is_hidden_only_the_place_is_shown() -> None:
    page = drawn(file(alt="A child", is_hidden=True), file(2, name="plan.pdf", width=None, is_hidden=True))
    assert "This picture has been hidden" in page
    assert "This file has been hidden" in page
    for secret in ("A child", "board.jpg", "plan.pdf", "/pictures/1/", "/files/"):
        assert secret not in page


def test_all_else_is_a_card_that_says_what_it_is() -> None:
    page = drawn(file(name="Plan.pdf", content_type="application/pdf"), file(2, name="song.mp3", width=None))
    assert "picture-gallery" not in page
    assert re.search(r'<a class="paper" href="/files/1/Plan.pdf">', page)
    assert "/pictures/1/small.webp" in page
    assert "/pictures/2/" not in page
    assert "PDF, 293.0\xa0KB" in page


def test_without_files_nothing_is_drawn() -> None:
    assert not drawn().strip()


def text_with(alt: str = "") -> str:
    shown = Picture(pk=1, width=2000, height=1000, alt=alt)
    figure = Block("figure", line=[Run("The board")], attributes={"data-file": "key"})
    return document_html.shown(Block("", blocks=[figure]), {"key": shown})


def test_a_picture_in_a_text_leads_to_the_large_one_and_has_a_name() -> None:
    page = in_text(text_with(), [file(1)])
    assert '<a href="/pictures/1/large.webp" data-width="2000" data-height="1000"' in page
    assert 'alt="Picture 1, not described"' in page
    assert "data-described" not in page
    described = in_text(text_with("Sums on the board"), [file(1)])
    assert 'alt="Sums on the board"' in described
    assert "data-described" in described
    assert "The board" in described
    assert "<picture-gallery" in render_to_string("posts/_text.html", {"html": described})


def test_of_a_hidden_picture_in_a_text_only_the_place_is_shown() -> None:
    page = in_text(text_with("A child"), [file(1, is_hidden=True)])
    assert "This picture has been hidden" in page
    for secret in ("A child", "The board", "/pictures/1/"):
        assert secret not in page
    assert "picture-gallery" not in render_to_string("posts/_text.html", {"html": page})


def test_a_picture_that_is_not_of_the_post_stays_as_it_is() -> None:
    assert in_text(text_with(), [file(2)]) == text_with()
