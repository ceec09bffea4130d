"""Files of messages as the script shows them: as the server does."""

import pytest

from messaging.chat.shown import files_shown

SIZES = [(1600, 1200), (1200, 1600), (100, 60), (4000, 300), (20, 4000), (320, 220)]


@pytest.mark.parametrize("count", [1, 2])
def test_a_picture_is_as_large_as_on_the_page_of_the_server(run, count):
    for width, height in SIZES:
        file = {"id": 1, "name": "board.jpg", "type": "image/jpeg", "size": 1, "w": width, "h": height}
        shown = files_shown([file] * count)[0]
        found = run("message_files", "return pictureSize(argument[0], argument[1] === 1);", [file, count])
        assert found == [shown.width, shown.height], (width, height)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"type": "image/jpeg", "name": "IMG_1.jpg"}, "Picture"),
        ({"type": "application/pdf", "name": "sheet.pdf"}, "sheet.pdf"),
        ({"id": 1, "hidden": True}, "File"),
    ],
)
def test_a_message_without_words_is_a_picture_or_the_name_of_a_file(run, file, words):
    script = 'return fileInWords(argument, { picture: "Picture", file: "File" });'
    assert run("message_files", script, file) == words


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 byte"), (900, "900 byte"), (2048, "2 kB"), (1_572_864, "1.5 MB")]
)
def test_sizes_are_said_in_the_unit_that_people_know(run, size, words):
    assert run("message_files", 'return sizeInWords(argument, "en");', size) == words
