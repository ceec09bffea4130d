"""Quotations, as the script puts them behind a reply."""

from community.posts.quotations import quotation, with_quotation

WHO = ["A_n[n]", "http://site/replies/1/", "It <b>worked</b>"]
HTML = (
    '<blockquote><p><a href="http://site/replies/1/">A_n[n]</a>:</p>'
    "<p>It &#60;b&#62;worked&#60;/b&#62;</p></blockquote><p></p>"
)


def test_it_is_what_the_server_makes_without_a_script(run):
    address, words = WHO[1], "It worked."
    made = quotation(name=WHO[0], address=address, html=f"<p>{words}</p>")
    for before in ("", "Hello\n"):
        quoted = run("quotes", "return withQuotation(...argument);", [before, [WHO[0], address, words]])
        assert quoted == with_quotation(before, made)


def test_a_text_of_the_editor_gets_it_as_html(run):
    started = "<!--html1--><p>Hello</p>"
    assert run("quotes", "return withQuotation(...argument);", [started, WHO]) == started + HTML
    assert run("quotes", "return withQuotation(...argument);", ["", WHO, True]) == "<!--html1-->" + HTML


def test_a_long_text_is_quoted_to_the_end_of_a_word(run):
    words = run("quotes", "return wordsOf({ innerText: 'word '.repeat(80) });")
    assert words.endswith("word…")
    assert len(words) <= 281
    assert run("quotes", "return wordsOf({ innerText: 'Whole' }, 'part ');") == "part"
