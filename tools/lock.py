"""`make lock`: pins the newest packages that requirements/*.in allow, with hashes.

The locks name no package index, so they install from whichever one a machine is configured for.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("base", "dev", "bench", "uv")
"""In this order, since dev is constrained by base, and bench by dev."""
CONSTRAINED_BY = {"dev": "base", "bench": "dev"}


def main() -> int:
    """Write all locks."""
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
        if name in CONSTRAINED_BY:
            command += ["--constraint", f"requirements/{CONSTRAINED_BY[name]}.lock"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 1
        print(f"requirements/{name}.lock")
    return 0


if __name__ == "__main__":
    sys.exit(main())
