"""Texts of the room: mentions, excerpts, days and groups."""

import pytest

from common.collation import name_key
from common.searching import PLAIN_LETTERS, normalize
from tests.names import NAMES


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Ask @", ""),
        ("Ask @tam", "tam"),
        ("(@Nagy N", "Nagy N"),
        ("a@b", None),
        ("Ask @ me", None),
        ("none", None),
    ],
)
def test_a_mention_begins_with_an_at_sign_of_its_own(run, text, typed):
    assert run("mentions", "return mentionAtEnd(argument);", text) == typed


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("nor", ["Nagy Nóra"]),
        ("NAGY", ["Nagy Nóra"]),
        ("agy", []),
        ("ел", ["Ёлкина Анна"]),
        ("luk", ["Łukasz Weiß"]),
        ("ŁUK", ["Łukasz Weiß"]),
        ("weis", ["Łukasz Weiß"]),
        ("weiss", ["Łukasz Weiß"]),
        ("sor", ["Søren Æbi"]),
        ("aeb", ["Søren Æbi"]),
        ("", ["Nagy Nóra", "Ёлкина Анна", "Łukasz Weiß", "Søren Æbi"]),
    ],
)
def test_people_are_found_by_the_beginning_of_any_of_their_names(run, typed, names):
    people = [{"name": name} for name in ("Nagy Nóra", "Ёлкина Анна", "Łukasz Weiß", "Søren Æbi")]
    found = run("mentions", "return matchPeople(...argument);", [people, typed, PLAIN_LETTERS])
    assert [each["name"] for each in found] == names


def test_the_browser_normalizes_names_as_the_server_does(run):
    names = ["Łódź ŚCIEŻKA", "Şırnak İzmir", "Đorđević Œuvre", "STRAẞE Weiß", "Ёж Йод", "ﬁn ½", "Ķēniņš"]
    for name in names:
        (found,) = run(
            "mentions", "return matchPeople(...argument);", [[{"name": name}], normalize(name), PLAIN_LETTERS]
        )
        assert found["name"] == name


@pytest.mark.parametrize("language", NAMES)
def test_the_server_sorts_names_as_a_browser_in_the_readers_language_does(run, language):
    names = [name for group in NAMES.values() for name in group]
    sort = "return argument[0].sort(new Intl.Collator(argument[1]).compare);"
    in_browser = run("mentions", sort, [names, language])
    assert sorted(names, key=lambda name: name_key(name, language)) == in_browser


def test_an_excerpt_is_one_line(run):
    found = run(
        "message_text",
        'return [excerpt(" a\\n\\n b "), excerpt("x".repeat(130)), excerpt("x".repeat(120)).length];',
    )
    assert found == ["a b", "x" * 119 + "…", 120]


def test_plain_text_says_the_markers_of_lists_and_where_links_lead(run):
    found = run(
        "message_text",
        """const plain = (html) => excerpt(plainText(parseHtml(html)), 500);
        return argument.map(plain);""",
        [
            "<p>Kell:</p>\n<ol>\n<li>alma<ul>\n<li>zöld</li>\n<li>piros</li>\n</ul>\n</li>\n<li>körte</li>\n</ol>",
            "<blockquote>\n<p>Ki jön?</p>\n</blockquote>\n<p>Én!</p>",
            '<p><a href="https://a.hu/b">itt</a> <small>(a.hu)</small></p>',
            '<p><a href="https://б.hu/">https://б.hu/ <small>(xn--90a.hu)</small></a></p>',
        ],
    )
    assert found == [
        "Kell: 1. alma - zöld - piros 2. körte",
        "> Ki jön? Én!",
        "itt (https://a.hu/b)",
        "https://б.hu/",
    ]


def test_a_day_begins_at_midnight_of_the_rooms_zone_and_a_group_lasts_five_minutes(run):
    found = run(
        "message_text",
        """const message = (at, by = "1", gone = false) => ({ at: new Date(at), by, gone });
        const place = (one, other) => Object.values(groupMessage(one, other, "Europe/Budapest"));
        const first = message("2026-11-20T22:58:00Z");
        return [place(first, undefined), place(message("2026-11-20T22:59:00Z"), first),
            place(message("2026-11-20T23:01:00Z"), first), place(message("2026-11-20T22:59:00Z", "2"), first),
            place(message("2026-11-20T22:59:00Z", "1", true), first),
            place(message("2026-11-20T23:10:00Z"), message("2026-11-20T23:04:00Z"))];""",
    )
    assert found == [
        [True, False],
        [False, True],
        [True, False],
        [False, False],
        [False, False],
        [False, False],
    ]
