"""The files that the demo hands out: sheets as PDF, drawings as PNG.

python -m tools.demo_materials    make followup/demo/materials/ anew from its folder `source`

The sources are written and drawn by hand for the demo: HTML with one style sheet, in a folder per language,
and SVG without words or people. What is made of them is in the repository, so that nobody needs a browser to
run the demo.
"""

import sys
from pathlib import Path

from tools import browser

FOLDER = Path(__file__).resolve().parent.parent / "followup" / "demo" / "materials"
SOURCE = FOLDER / "source"


def main() -> int:
    """Make every file. Returns 1 where there is no browser."""
    from playwright.sync_api import sync_playwright

    path = browser.find()
    if path is None:
        print("A browser is needed: make dev", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path)
        page = chromium.new_page()
        for sheet in sorted(SOURCE.glob("*/*.html")):
            page.goto(sheet.as_uri())
            made = FOLDER / sheet.relative_to(SOURCE).with_suffix(".pdf")
            page.pdf(path=made, prefer_css_page_size=True, tagged=True)
        for drawing in sorted(SOURCE.glob("*.svg")):
            page.goto(drawing.as_uri())
            page.locator("svg").screenshot(path=FOLDER / f"{drawing.stem}.png")
        chromium.close()
    for file in sorted([*FOLDER.glob("*/*.pdf"), *FOLDER.glob("*.png")]):
        print(f"{file.stat().st_size:>8}  {file.relative_to(FOLDER)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
