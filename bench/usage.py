"""Processor time and memory of processes, from /proc."""

import os
import resource
from pathlib import Path

MAX_OPEN_FILES = 20_000
CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def process_tree(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += process_tree(int(child))
    except OSError:
        pass
    return found


def processor_seconds(pid: int) -> float:
    """Processor seconds of a process and its descendants so far, exited children included."""
    total = 0
    for member in process_tree(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / CLOCK_TICKS_PER_SECOND


def memory_mib(pid: int) -> float:
    """Resident memory of a process in MiB."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def open_files(wanted: int) -> None:
    """Raise the limit of open files for this process and its children. Raises RuntimeError when the system
    allows too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if allowed < wanted:
        raise RuntimeError(f"a process may open {allowed} files here, and {wanted} are needed")
    if soft == resource.RLIM_INFINITY or soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
