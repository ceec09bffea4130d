"""Writes small .xlsx files for tests."""

import io
import zipfile
from xml.sax.saxutils import escape

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = f"""<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
STYLES = """<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="3">
<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DAY_STYLE, MOMENT_STYLE = 1, 2


def text(value: str) -> str:
    """A cell with a text."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def number(value: float, style: int = 0) -> str:
    """A cell with a number, which a style may show as a day."""
    return f'<c s="{style}"><v>{value}</v></c>'


def formula(source: str, result: str) -> str:
    """A cell with a formula and its last result."""
    return f'<c t="str"><f>{escape(source)}</f><v>{escape(result)}</v></c>'


def workbook(*sheets: list[list[str]], hidden: tuple[int, ...] = ()) -> bytes:
    """A workbook of these sheets; their cells are made by `text`, `number` and `formula`."""
    return archive(
        *("".join(f"<row>{''.join(cells)}</row>" for cells in rows) for rows in sheets), hidden=hidden
    )


def archive(*sheets: str, hidden: tuple[int, ...] = (), shared: str = "") -> bytes:
    """A workbook whose sheets have this XML as their rows, and a text that cells may share."""
    names = "".join(
        f'<sheet name="Sheet{n}" sheetId="{n}" r:id="s{n}" state="{"hidden" if n in hidden else "visible"}"/>'
        for n in range(1, len(sheets) + 1)
    )
    relations = "".join(
        f'<Relationship Id="s{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    files = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{names}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}'
        "</Relationships>",
    }
    if shared:
        files["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}"><si><t>{shared}</t></si></sst>'
    for n, rows in enumerate(sheets, 1):
        files[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return output.getvalue()
