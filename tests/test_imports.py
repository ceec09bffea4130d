"""Every module of the product can be imported first, since there is no import circle."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.import_circles import circles


def test_the_product_has_no_import_circle():
    done = subprocess.run(
        [sys.executable, "-m", "tests.import_circles"], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("first", ["ring.one", "ring.two", "ring.three"])
def test_a_circle_is_found_wherever_importing_begins(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = tmp_path / "ring"
    ring.mkdir()
    for name, text in {
        "__init__": "",
        "one": "from ring import two",
        "two": "def later():\n    import ring.four\n\nimport ring.three",
        "three": "import ring.one",
        "four": "import ring.two",
    }.items():
        (ring / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert len(circles([first, "ring.four"], ["ring"])) == 1
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "ring"]:
            del sys.modules[name]
