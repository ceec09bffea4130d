"""JSON from browsers: an object that can be stored, or nothing."""

import pytest

from common.json_input import read_object


@pytest.mark.parametrize(
    "raw", ['{"a": [1, 2.5, null, true, "Ž"]}', '{"a": [1, 2.5, null, true, "Ž"]}'.encode()]
)
def test_an_object_is_read_from_text_or_bytes(raw):
    assert read_object(raw) == {"a": [1, 2.5, None, True, "Ž"]}


def test_halves_of_characters_and_nul_are_left_out_of_keys_and_values():
    raw = r'{"\ud800key": ["\udc00a\u0000", {"b": "\ud83d\ude00"}], "c": "\\ud800"}'
    assert read_object(raw) == {"key": ["a", {"b": "😀"}], "c": r"\ud800"}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        b"",
        "[]",
        "1",
        "null",
        '"text"',
        "{",
        "{'a': 1}",
        '{"a": 1} {}',
        '{"a": 1, "a": 2}',
        r'{"a": 1, "\u0061": 2}',
        r'{"a": 1, "a\u0000": 2}',
        '{"b": {"a": 1, "a": 2}}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5_000 + "}",
        '{"a": ' + "[" * 100_000,
        '{"a":' * 50_000,
        '{"a": ' + "[" * 3_000 + r'"\u0000"' + "]" * 3_000 + "}",
        '{"a": "\n"}',
        '\ufeff{"a": 1}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        '{"a": "b"}'.encode("utf-16"),
    ],
    ids=lambda raw: repr(raw)[:30],
)
def test_anything_else_is_no_object(raw):
    assert read_object(raw) is None
