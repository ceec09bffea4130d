"""Creates the virtual environment in .venv and installs a lock file into it, unless both are up to date.

It runs before anything is installed and on any `python3`, so it uses the standard library only and no syntax
that an old Python cannot parse. AFTERCOURSE_INSTALLER=pip installs without uv.

    python3 tools/bootstrap.py base            what the running site needs
    python3 tools/bootstrap.py dev             that, and what tests and checks need
    python3 tools/bootstrap.py bench           beside dev: what measurements compare with
    python3 tools/bootstrap.py --exactly base  with exactly this Python, even if .venv has another
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
        if not create_venv():
            return 1
    return install(lock)


def version_of(python: str) -> "tuple[int, ...] | None":
    """The version of a Python, or None when it cannot be started."""
    try:
        output = subprocess.check_output(
            [python, "-c", "import sys; print(*sys.version_info[:2])"], stderr=subprocess.DEVNULL
        )
        return tuple(int(part) for part in output.decode().split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def run_again(arguments: "list[str]", exactly: bool) -> int:
    """Run again with a supported Python if the machine has one, or print what is missing."""
    for version in [] if exactly else reversed(VERSIONS):
        name = f"python{version[0]}.{version[1]}"
        if shutil.which(name) and version_of(name) == version:
            return subprocess.call([name, os.path.abspath(__file__), *arguments])
    major, minor = sys.version_info[:2]
    log(f"Aftercourse needs Python 3.11, 3.12 or 3.13, and this one is {major}.{minor}.")
    log("Install one of them, or name it: make run PYTHON=/path/to/python3.12")
    return 1


def create_venv() -> bool:
    """Create an empty .venv with this Python; return whether it succeeded."""
    log(f"Making the virtual environment with Python {sys.version_info[0]}.{sys.version_info[1]}")
    result = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if result.returncode == 0:
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401  (Debian leaves it out of its Python)
    except ImportError:
        log("This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv")
    else:
        log(result.stdout.decode(errors="replace"))
        log(f"The virtual environment could not be made in {VENV}.")
    return False


def install(lock: str) -> int:
    """Install a lock with uv if available, else with pip, and record which lock is installed."""
    path = os.path.join(ROOT, "requirements", lock + ".lock")
    log(f"Installing requirements/{lock}.lock (the first time takes a minute)")
    uv = find_uv()
    done = uv is not None and run([uv, *UV_INSTALL, "--python", PYTHON], path)
    if not done:
        log("Without uv, so with pip: this takes a little longer")
        done = has_pip() and run([PYTHON, "-m", "pip", "install", "-qq", "--no-deps"], path)
    if not done:
        log("The packages could not be installed. Is this machine online? Then run the same command again.")
        return 1
    # The dev lock contains the base lock, so both are installed then.
    for name in ("base", "dev") if lock == "dev" else (lock,):
        with open(marker_path(name), "w") as file:
            file.write(lock_hash(name))
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


def marker_path(lock: str) -> str:
    """The file with the hash of the lock that was installed last."""
    return os.path.join(VENV, "installed-" + lock)


def lock_hash(lock: str) -> str:
    """The hash of a lock."""
    with open(os.path.join(ROOT, "requirements", lock + ".lock"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def is_installed(lock: str) -> bool:
    """Whether the lock is installed in .venv."""
    try:
        with open(marker_path(lock)) as file:
            return file.read() == lock_hash(lock)
    except OSError:
        return False


def log(text: str) -> None:
    """Print a line to stderr at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
