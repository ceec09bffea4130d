"""Decoding what a browser sends."""

import pytest

from messaging.live import frames
from messaging.live.transport import Frame


@pytest.mark.parametrize(
    ("escaped", "decoded"),
    [
        (r"a \ud83d b", "a  b"),
        (r"\uDE00", ""),
        (r"\u0000NUL", "NUL"),
        (r"\ud83d\ude00", "😀"),
        (r"\u017d", "Ž"),
        (r"\\ud83d", r"\ud83d"),
    ],
)
def test_what_cannot_be_stored_is_left_out_and_pairs_of_surrogates_stay(escaped, decoded):
    command = frames.decode(f'{{"t":"send","text":"{escaped}","cid":["{escaped}"]}}')
    assert command == {"t": "send", "text": decoded, "cid": [decoded]}
    Frame(frames.encode({"t": "no", "cid": command["cid"]}))


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"t":1}', "[" * 100_000])
def test_what_is_no_command_decodes_to_none(text):
    assert frames.decode(text) is None
