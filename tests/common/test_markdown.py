"""Our own Markdown: what it marks, and all that it leaves as it was typed."""

import pytest

from common import html
from tests.shown import Shown

NBSP = "\N{NO-BREAK SPACE}"


def lines(*texts: str) -> str:
    """One paragraph of these lines."""
    return "<p>" + "<br>\n".join(texts) + "</p>"


@pytest.mark.parametrize(
    "typed",
    [
        "2026. december 5-én lesz.",
        "5. osztály",
        "1. osztály",
        "- egyetlen sor",
        "+ 36 fő",
        "1. A\n2. B\n4. D",
        "1. A\n1. B\n1. C",
        "2. B\n3. C",
        "1) A\n2) B",
        "01. A\n02. B",
        "- 5 fok\n- 3 fok",
        "- kréta\n- 5 füzet\n- szivacs",
        "+ kréta\n+ szivacs",
        "• kréta\n• szivacs",
        "– Jössz?\n– Megyek.",
        "Üdv,\nAnna\n---",
        "Cím\n===",
        "---",
        "***",
        "* * *",
        "____",
        "#",
        "##",
        "# szöveg",
        "#hashtag",
        "##szöveg",
        "-",
        "+",
        "1.",
        "2*3*4",
        "3*4=12 és 5*6=30",
        "2 * 3 * 4",
        "(2+3)*4*(5+1)",
        "a *2 + b* 3",
        "5* és 4* hotel",
        "*lásd a jegyzetet",
        "*első\nmásodik*",
        "x**2 + y**2",
        "snake_case_names",
        "__init__",
        "a_1 + a_2",
        "neve ____, kora ____",
        "~5 ~~ 6",
        "*_* és ^_^ és :* puszi :*",
        "¯\\_(ツ)_/¯",
        "C:\\*.doc és C:\\dokumentumok\\_uj",
        "\\\\szerver\\mappa",
        "\\frac{1}{2} \\(x\\)",
        "it`s and that`s",
        "``",
        "[1]: https",
        "[Anna]: jó",
        "[x](javascript:alert)",
        "[x](//host)",
        "[x](/threads/1/)",
        "[x](tel:112)",
        "[x](ftp:a)",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_what_is_not_meant_as_markdown_stays_as_it_was_typed(typed):
    assert html.render(typed) == lines(*typed.split("\n"))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("> 50 %", "&gt; 50 %"),
        (">=18", "&gt;=18"),
        (">", "&gt;"),
        (">:(", "&gt;:("),
        (">>> print", "&gt;&gt;&gt; print"),
        (">> a", "&gt;&gt; a"),
        ("&nbsp;", "&amp;nbsp;"),
        ("<b>x</b> &amp; <3", "&lt;b&gt;x&lt;/b&gt; &amp;amp; &lt;3"),
        ("``` x", "``` x"),
        ("```\nx", "```<br>\nx"),
        ("```\n```", "```<br>\n```"),
    ],
)
def test_signs_of_html_and_signs_without_a_partner_stay_too(typed, shown):
    assert html.render(typed) == f"<p>{shown}</p>"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("* a\n* b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("Kell:\n- a\n- b\nEnnyi.", "<p>Kell:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>Ennyi.</p>"),
        (
            "1. a\n   - x\n   - y\n2. b\n   és c",
            "<ol>\n<li>a<ul>\n<li>x</li>\n<li>y</li>\n</ul>\n</li>\n<li>b<br>\nés c</li>\n</ol>",
        ),
        ("1. a\n   - x\n2. b", "<ol>\n<li>a<br>\n- x</li>\n<li>b</li>\n</ol>"),
        (
            "- a\n- b\n\n1. c\n2. d",
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol>\n<li>c</li>\n<li>d</li>\n</ol>",
        ),
        ("> Ki jön?\nÉn!", "<blockquote>\n<p>Ki jön?</p>\n</blockquote>\n<p>Én!</p>"),
        (">Ki jön?\n>\n> 5. a.", "<blockquote>\n<p>Ki jön?</p>\n<p>5. a.</p>\n</blockquote>"),
        ("> a:\n> - b\n> - c", "<blockquote>\n<p>a:</p>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n</blockquote>"),
        ("## Cím\nszöveg", "<h3>Cím</h3>\n<p>szöveg</p>"),
        ("#### Cím", "<h4>Cím</h4>"),
        ("**fontos** és *szép*", "<p><strong>fontos</strong> és <em>szép</em></p>"),
        ("***mind***", "<p><strong><em>mind</em></strong></p>"),
        ("**12:30** és „*idézet*”", "<p><strong>12:30</strong> és „<em>idézet</em>”</p>"),
        ("_így_ is, *szó*-ban", "<p><em>így</em> is, <em>szó</em>-ban</p>"),
        ("**a _szép_ dolog**", "<p><strong>a <em>szép</em> dolog</strong></p>"),
        ("~~nem~~", "<p><s>nem</s></p>"),
        ("\\*nem dőlt\\*", "<p>*nem dőlt*</p>"),
        ("\\**nem*", "<p>\\**nem*</p>"),
        ("\\`nem kód\\`", "<p>`nem kód`</p>"),
        ("\\`nem kód`", "<p>`nem kód`</p>"),
        ("`a *b* c`", "<p><code>a *b* c</code></p>"),
        ("```\na  b\n\n  c\n```", "<pre><code>a  b\n\n  c</code></pre>"),
        ("```python\nx\n```", "<pre><code>python\nx</code></pre>"),
        ("a\n\n\n\nb\nc", "<p>a</p>\n<p>b<br>\nc</p>"),
        ("Vers\n    beljebb\n\tmég", f"<p>Vers<br>\n{NBSP * 4}beljebb<br>\n{NBSP * 4}még</p>"),
    ],
)
def test_what_is_meant_is_marked(typed, shown):
    assert html.render(typed) == shown


def test_a_line_break_of_another_program_is_one():
    assert html.render("PowerPointból\x0bmásolva\u2028és\r\nmég") == lines(
        "PowerPointból", "másolva", "és", "még"
    )


def test_a_list_below_the_third_is_text():
    shown = Shown(html.render("- a\n- b\n  - c\n  - d\n    - e\n    - f\n      - g\n      - h"))
    assert shown.tags.count("ul") == 3
    assert "- g" in shown.text


@pytest.mark.parametrize("deep", [">" * 200 + " a", "> " * 200 + "a", "[" * 200 + "a", "- " * 200 + "a"])
def test_nothing_is_lost_however_deep_it_is_nested(deep):
    assert "".join(Shown(html.render(deep)).text.split()) == "".join(deep.split())


def test_a_text_that_would_lose_something_is_shown_as_it_was_typed(monkeypatch):
    monkeypatch.setattr(html.markdown, "to_blocks", lambda typed: ["<p>Only <em>this</em></p>"])
    assert html.render("**Only** this & 5\n\nthat") == "<p>**Only** this &amp; 5</p>\n<p>that</p>"


def test_a_long_list_keeps_its_numbers():
    typed = "\n".join(f"{number}. sor" for number in range(1, 121))
    assert html.plain(html.render(typed), 500) == " ".join(typed.split())
