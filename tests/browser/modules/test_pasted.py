"""What is pasted from elsewhere: its words, lists, tables and emphasis, and nothing else of its look."""

import pytest

from common import document_html, documents

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator
content="Word 15">
<style><!-- p.MsoNormal {margin:0cm; font-family:"Calibri"} @list l0 {mso-list-id:1} --></style></head>
<body lang=HU><!--StartFragment-->
<h1 style='color:#2F5496'>Kilépőkártya<o:p></o:p></h1>
<p class=MsoNormal style='margin-bottom:0cm'>A <b style='mso-bidi-font-weight:normal'>hatodik</b> óra
<i>végén</i>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18pt;mso-list:l0 level1 lfo1'><![if
!supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span
style='font:7pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>kérdés<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span
style='mso-list:Ignore'>o<span>&nbsp;
</span></span>könnyű<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span
style='mso-list:Ignore'>·<span>&nbsp;
</span></span>válasz<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>1.<span>&nbsp;
</span></span>először<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>2.<span>&nbsp;
</span></span>aztán<o:p></o:p></p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr style='mso-yfti-irow:0'>
<td width=100 valign=top style='border:solid 1pt'><p class=MsoNormal><b>Óra</b><o:p></o:p></p></td>
<td><p class=MsoNormal>H<sub>2</sub>O<o:p></o:p></p></td></tr></table>
<p class=MsoNormal><a href="#_ftn1"><span class=MsoFootnoteReference>[1]</span></a>
<img width=10 src="file:///C:/x/image001.png" alt="kép"></p>
<!--EndFragment--></body></html>"""

GOOGLE_DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1a2b">
<h2 dir="ltr" style="line-height:1.38"><span
style="font-size:16pt;color:#000;font-weight:400">Plan</span></h2>
<p dir="ltr" style="line-height:1.38"><span style="font-weight:400;font-style:normal">Zuerst </span><span
style="font-weight:700">laut</span><span style="font-style:italic;font-weight:400"> lesen</span><span
style="text-decoration:line-through;font-weight:400">weg</span></p><br>
<ul style="margin-top:0"><li dir="ltr" style="list-style-type:disc" aria-level="1"><p dir="ltr"
role="presentation"><span style="font-weight:400">eins</span></p></li><ul><li
aria-level="2"><p><span>darunter</span>
</p></li></ul></ul>
<p><a href="https://www.google.com/url?q=https://school.test/a&amp;sa=D&amp;ust=1"
style="text-decoration:none"><span
style="text-decoration:underline">die Seite</span></a></p></b>"""

WEB_PAGE = """<meta charset="utf-8"><div class="post" onclick="track()"><h3 id="x">Exit tickets</h3>
<div style="font-size:18px">First <em>thought</em>.<br>Second line.</div><script>alert(1)</script>
<style>.post{}</style><svg><text>logo</text></svg><button>Share</button>
<ol><li>one</li><ol><li>under</li></ol><li>two</li></ol><a href="javascript:void(0)">menu</a>
<a href="https://school.test/more">more</a><p>&nbsp;</p><p>a&nbsp;&nbsp;&nbsp; b, w&nbsp;domu</p></div>"""

MAIL = """<div dir="ltr"><table width="600" role="presentation"><tbody><tr><td style="padding:20px">
<div>Hello,</div><div><br></div><div><span
style="font-weight:bold">see you</span> on Monday.</div></td></tr></tbody>
</table></div>"""

SHEET = """<html><head><style><!--td{mso-number-format:General}--></style></head><body><table
width=128><col width=64>
<tr height=20><td class=xl65>Név</td><td class=xl65>Pont</td></tr><tr><td>Ági</td><td
align=right>12</td></tr></table>
</body></html>"""


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        (
            WORD,
            "<h3>Kilépőkártya</h3><p>A <strong>hatodik</strong> óra <em>végén</em>.</p>"
            "<ul><li><p>kérdés</p><ul><li><p>könnyű</p></li></ul></li><li><p>válasz</p></li></ul>"
            "<ol><li><p>először</p></li><li><p>aztán</p></li></ol>"
            "<table><tbody><tr><td><p><strong>Óra</strong></p></td><td><p>H<sub>2</sub>O</p></td></tr>"
            "</tbody></table><p>[1]</p>",
        ),
        (
            GOOGLE_DOCS,
            "<h3>Plan</h3><p>Zuerst <strong>laut</strong><em> lesen</em><s>weg</s></p>"
            "<ul><li><p>eins</p><ul><li><p>darunter</p></li></ul></li></ul>"
            '<p><a href="https://school.test/a">die Seite</a></p>',
        ),
        (
            WEB_PAGE,
            "<h4>Exit tickets</h4><p>First <em>thought</em>.<br>Second line.</p>"
            "<ol><li><p>one</p><ol><li><p>under</p></li></ol></li><li><p>two</p></li></ol>"
            '<p>menu <a href="https://school.test/more">more</a></p><p>a b, w\N{NO-BREAK SPACE}domu</p>',
        ),
        (MAIL, "<p>Hello,</p><p><strong>see you</strong> on Monday.</p>"),
        (
            SHEET,
            "<table><tbody><tr><td><p>Név</p></td><td><p>Pont</p></td></tr>"
            "<tr><td><p>Ági</p></td><td><p>12</p></td></tr></tbody></table>",
        ),
    ],
    ids=["word", "google docs", "web page", "mail", "sheet"],
)
def test_what_is_pasted_comes_out_clean(run, pasted, stored):
    cleaned = run("pasted", "return cleanPasted(argument);", pasted)
    assert "style" not in cleaned
    assert document_html.stored(documents.read(cleaned)) == stored


def test_what_comes_from_an_editor_like_ours_stays_as_it_is(run):
    copied = '<p data-pm-slice="1 1 []">a <strong>b</strong></p>'
    assert run("pasted", "return cleanPasted(argument);", copied) == copied


def test_pasting_runs_nothing_and_fetches_nothing(run, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    hostile = "<img src='https://evil.test/x.png' onerror='ran=1'><svg onload='ran=1'></svg><p>a</p>"
    assert run("pasted", "return cleanPasted(argument);", hostile) == "<p>a</p>"
    assert page.evaluate("window.ran") is None
    assert not asked
