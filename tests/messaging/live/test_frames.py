"""What a browser said, as it is taken."""

import pytest

from messaging.live import frames
from messaging.live.transport import Frame


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (r"a \ud83d b", "a ? b"),
        (r"\uDE00", "?"),
        (r"\ud83d\ude00", "😀"),
        (r"\u017d", "Ž"),
        (r"\\ud83d", r"\ud83d"),
    ],
)
def test_half_a_sign_is_taken_as_a_question_mark_and_whole_ones_as_they_are(said, taken):
    word = frames.decode(f'{{"t":"send","text":"{said}","cid":["{said}"]}}')
    assert word == {"t": "send", "text": taken, "cid": [taken]}
    Frame(frames.encode({"t": "no", "cid": word["cid"]}))


@pytest.mark.parametrize("said", [None, "", "{", "[]", '{"t":1}', "[" * 100_000])
def test_what_is_no_word_is_none(said):
    assert frames.decode(said) is None
