"""Creates the virtual environment in .venv and installs a lock file into it, unless both are up to date.

It runs before anything is installed and on any `python3`, so it uses the standard library only and no syntax
that an old Python cannot parse. AFTERCOURSE_INSTALLER=pip does without uv.

    python3 tools/bootstrap.py base            what the running site needs
    python3 tools/bootstrap.py dev             that, and what tests and checks need
    python3 tools/bootstrap.py bench           beside dev: what measurements compare with
    python3 tools/bootstrap.py --exactly base  with this very Python, even if .venv was made with another
"""

import hashlib
import os
import shutil
import subprocess
import sys

VERSIONS = [(3, 11), (3, 12), (3, 13)]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
# Compile once, as pip does: every process starts seconds sooner, even with PYTHONDONTWRITEBYTECODE.
UV_INSTALL = ["pip", "install", "--quiet", "--compile-bytecode"]


def main(arguments: "list[str]") -> int:
    """Bring .venv up to date with a lock; return the exit code."""
    exactly = "--exactly" in arguments
    lock = arguments[-1]
    version = version_of(PYTHON)
    usable = version in VERSIONS and (not exactly or version == sys.version_info[:2])
    if usable and is_installed(lock):
        return 0
    if not usable:
        if sys.version_info[:2] not in VERSIONS:
            return run_again(arguments, exactly)
        if not make_venv():
            return 1
    return install(lock)


def version_of(python: str) -> "tuple[int, ...] | None":
    """The version of a Python, or None when it cannot be started."""
    try:
        said = subprocess.check_output(
            [python, "-c", "import sys; print(*sys.version_info[:2])"], stderr=subprocess.DEVNULL
        )
        return tuple(int(part) for part in said.decode().split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def run_again(arguments: "list[str]", exactly: bool) -> int:
    """Run again with a supported Python if the machine has one, or print what is missing."""
    for version in [] if exactly else reversed(VERSIONS):
        name = f"python{version[0]}.{version[1]}"
        if shutil.which(name) and version_of(name) == version:
            return subprocess.call([name, os.path.abspath(__file__), *arguments])
    major, minor = sys.version_info[:2]
    say(f"Aftercourse needs Python 3.11, 3.12 or 3.13, and this one is {major}.{minor}.")
    say("Install one of them, or name it: make run PYTHON=/path/to/python3.12")
    return 1


def make_venv() -> bool:
    """Create an empty .venv with this Python; return whether it succeeded."""
    say(f"Making the virtual environment with Python {sys.version_info[0]}.{sys.version_info[1]}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if made.returncode == 0:
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401  (Debian leaves it out of its Python)
    except ImportError:
        say("This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv")
    else:
        say(made.stdout.decode(errors="replace"))
        say(f"The virtual environment could not be made in {VENV}.")
    return False


def install(lock: str) -> int:
    """Install a lock with uv if available, else with pip, and write down which lock is installed."""
    path = os.path.join(ROOT, "requirements", lock + ".lock")
    say(f"Installing requirements/{lock}.lock (the first time takes a minute)")
    uv = find_uv()
    done = uv is not None and run([uv, *UV_INSTALL, "--python", PYTHON], path)
    if not done:
        say("Without uv, so with pip: this takes a little longer")
        done = has_pip() and run([PYTHON, "-m", "pip", "install", "-qq", "--no-deps"], path)
    if not done:
        say("The packages could not be installed. Is this machine online? Then run the same command again.")
        return 1
    # The dev lock holds all of the base lock, so whoever has the first has the second.
    for name in ("base", "dev") if lock == "dev" else (lock,):
        with open(mark(name), "w") as file:
            file.write(fingerprint(name))
    return 0


def run(command: "list[str]", path: str) -> bool:
    """Run an installer on one lock file; return whether it succeeded."""
    return subprocess.call([*command, "--require-hashes", "-r", path], cwd=ROOT) == 0


def find_uv() -> "str | None":
    """The uv of the machine, or the one in .venv, which pip installs if needed."""
    inside = os.path.join(VENV, "bin", "uv")
    if os.environ.get("AFTERCOURSE_INSTALLER") == "pip":
        return None
    if shutil.which("uv"):
        return shutil.which("uv")
    if os.path.exists(inside):
        return inside
    path = os.path.join(ROOT, "requirements", "uv.lock")
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--only-binary", ":all:", "--no-deps"]
    fetched = has_pip() and run(pip, path)
    return inside if fetched and os.path.exists(inside) else None


def has_pip() -> bool:
    """Whether .venv has pip; it is installed if the environment was created without it."""
    return silently([PYTHON, "-m", "pip", "--version"]) or silently([PYTHON, "-m", "ensurepip"])


def silently(command: "list[str]") -> bool:
    """Run a command without output; return whether it succeeded."""
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def mark(lock: str) -> str:
    """The file with the hash of the lock that was installed last."""
    return os.path.join(VENV, "installed-" + lock)


def fingerprint(lock: str) -> str:
    """The hash of a lock."""
    with open(os.path.join(ROOT, "requirements", lock + ".lock"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def is_installed(lock: str) -> bool:
    """Whether .venv has what the lock says."""
    try:
        with open(mark(lock)) as file:
            return file.read() == fingerprint(lock)
    except OSError:
        return False


def say(text: str) -> None:
    """Print a line to stderr at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
