"""The browser for tests: the system's Chromium, or Playwright's in .browsers."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".browsers"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of an installed browser, or None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    found = sorted(path for pattern in PLACES for path in OWN.glob(pattern))
    return str(found[-1]) if found else None


PLACES = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
"""Where Playwright puts the browser in its folder."""


def install() -> str | None:
    """Install a browser (as root on Debian its own, otherwise Playwright's) and return its path, or None."""
    if os.geteuid() == 0 and is_debian():
        print(
            "No browser here, so Debian's chromium is being installed (apt-get install chromium)", flush=True
        )
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq", "-y", "--no-install-recommends"]
        for command in ([*apt, "update"], [*apt, "install", "chromium"]):
            if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
                break
        if path := find():
            return path
        print("Debian's chromium could not be installed", flush=True)
    print("Fetching Playwright's browser into .browsers (about 150 MB, once)", flush=True)
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"],
        env=os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(OWN)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    path = find()
    if path is None:
        print(
            "The tests need a browser, and none could be installed. Install Chromium and try again.",
            flush=True,
        )
    return path


def is_debian() -> bool:
    """Whether this is Debian, whose package is called chromium."""
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        return False
    return system.get("ID") == "debian" and shutil.which("apt-get") is not None
