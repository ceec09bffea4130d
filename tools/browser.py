"""The browser for tests: Chromium's headless shell, the system's or Playwright's in .browsers.

A page costs it a quarter of the CPU time of the whole browser, which serves where there is no shell.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".browsers"
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OWN_SHELLS = ("chromium_headless_shell-*/*/chrome-headless-shell",)
"""Where Playwright puts the shell in its folder."""
OWN_WHOLE = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
"""Where it puts the whole browser."""

ARGUMENTS = (
    "--no-sandbox",  # root may not have one, and everything shown is ours
    "--disable-gpu",
    "--in-process-gpu",
    "--renderer-process-limit=1",  # for each context; otherwise one more process waits for a next page
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""With which it is started."""


def find() -> str | None:
    """The path of the installed browser that takes least time, or None."""
    return find_shell() or _find(WHOLE, OWN_WHOLE)


def find_shell() -> str | None:
    """The path of an installed headless shell, or None."""
    return _find(SHELLS, OWN_SHELLS)


def _find(names: tuple[str, ...], places: tuple[str, ...]) -> str | None:
    for name in names:
        if path := shutil.which(name):
            return path
    found = sorted(path for pattern in places for path in OWN.glob(pattern))
    return str(found[-1]) if found else None


def install() -> str | None:
    """Install a headless shell (as root on Debian its own, otherwise Playwright's); return the path of the
    browser to use, or None if there is still none."""
    if os.geteuid() == 0 and is_debian():
        print("Debian's chromium-headless-shell is being installed for the tests, by apt-get", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq", "-y", "--no-install-recommends"]
        for command in ([*apt, "update"], [*apt, "install", SHELLS[0]]):
            if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
                break
        if path := find():
            return path
        print("It could not be installed", flush=True)
    print("Fetching Playwright's headless shell into .browsers (about 100 MB, once)", flush=True)
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"],
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
