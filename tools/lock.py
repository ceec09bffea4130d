"""`make lock`: the newest packages that requirements/*.in allow, written down with their hashes.

No address of a package index gets into the locks, so they install from wherever a machine gets its packages.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("base", "dev", "bench", "uv")
"""In this order, since dev holds to what base chose, and bench to what dev chose."""
HOLDS_TO = {"dev": "base", "bench": "dev"}


def main() -> int:
    """Write every lock anew."""
    inside = Path(sys.executable).parent / "uv"
    uv = str(inside) if inside.exists() else shutil.which("uv")
    if uv is None:
        print("make lock needs uv: https://docs.astral.sh/uv/")
        return 1
    for name in LOCKS:
        command = [
            uv,
            "pip",
            "compile",
            f"requirements/{name}.in",
            "--output-file",
            f"requirements/{name}.lock",
        ]
        command += ["--universal", "--python-version=3.11", "--generate-hashes", "--upgrade", "--quiet"]
        command += ["--no-header", "--no-emit-index-url"]
        if name in HOLDS_TO:
            command += ["--constraint", f"requirements/{HOLDS_TO[name]}.lock"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 1
        print(f"requirements/{name}.lock")
    return 0


if __name__ == "__main__":
    sys.exit(main())
