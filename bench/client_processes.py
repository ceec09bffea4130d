"""Starts and controls processes of clients, and compares what they received with the log."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import Row, log
from tests.site import ROOT, Site

FAULTS = ("missing", "doubled", "different", "refused")


class Clients:
    """A process of clients (`bench.crowd`)."""

    def __init__(self, folder: Path, number: int, plan: dict[str, Any]) -> None:
        self.plan = folder / f"crowd-{number}"
        self.result = folder / f"crowd-{number}-result"
        self.plan.write_text(json.dumps(plan))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.crowd", str(self.plan)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def do(self, what: str, **about: Any) -> dict[str, Any]:
        """Send a command; returns the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": what, **about}).encode() + b"\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline() or b"{}")
        if not answer:
            raise RuntimeError("a process of clients exited")
        return answer

    def report(self) -> dict[str, Any]:
        """What its clients received, and what was wrong with it."""
        self.do("report", file=str(self.result))
        report: dict[str, Any] = read_json(self.result)
        return report

    def end(self) -> None:
        """Stop the process."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def read_json(file: Path) -> Any:
    """The JSON in a file."""
    return json.loads(file.read_text())


def read_logs(site: Site) -> dict[str, Any]:
    """The log of each room in the database."""
    file = site.folder / "log-of-rooms"
    site.manage("shell", "-v", "0", "-c", f"from bench.fixtures import dump_logs; dump_logs({str(file)!r})")
    logs_in_database: dict[str, Any] = read_json(file)
    return logs_in_database


def check_deliveries(name: str, results: list[dict[str, Any]], logs_in_database: dict[str, Any]) -> list[Row]:
    """Check that every socket received the log of its room: each number once, in order, with the same entry;
    and that the log has every acknowledged message once, under the number it was acknowledged with."""
    counts: Counter[str] = sum((Counter(result["counts"]) for result in results), Counter())
    faults = [fault for result in results for fault in result["faults"]]
    logs = {int(room): dict(entries) for room, entries in logs_in_database["logs"].items()}
    lasts = {int(room): last for room, last in logs_in_database["lasts"].items()}
    for room, last in lasts.items():
        if sorted(logs.get(room, {})) != list(range(1, last + 1)):
            faults.append(f"the log of room {room} has gaps")
            counts["missing"] += 1
    for result in results:
        for room, last in result["lasts"]:
            counts["missing"] += lasts[room] - last
        for room, entries in result["logs"].items():
            for number, cid in entries.items():
                counts["different"] += logs.get(int(room), {}).get(int(number)) != cid
    numbers = {cid: number for entries in logs.values() for number, cid in entries.items()}
    written = sum(len(entries) for entries in logs_in_database["logs"].values())
    acknowledged = {cid: number for result in results for cid, number in result["numbers"].items()}
    lost = sum(numbers.get(cid) != number for cid, number in acknowledged.items())
    lost += counts["written"] - len(acknowledged)
    expected = sum(lasts[room] for result in results for room, _last in result["lasts"])
    for fault in faults:
        log(f"FAULT: {fault}")
    return [
        Row(
            f"{name}: deliveries missing, duplicated or out of order",
            sum(counts[kind] for kind in FAULTS),
            "faults",
            at_most=0,
            detail=f"{counts['deliveries']:,} of {expected:,}; "
            + ", ".join(f"{kind} {counts[kind]:,}" for kind in FAULTS),
        ),
        Row(
            f"{name}: messages lost or duplicated",
            lost + written - len(set(numbers)),
            "faults",
            at_most=0,
            detail=f"{counts['written']:,} written, {len(acknowledged):,} acknowledged, {written:,} in the"
            f" log, {counts['busy']:,} times busy, {counts['tickets']:,} tickets renewed",
        ),
    ]


def quantile_ms(ordered: Sequence[float], share: float) -> float | None:
    """The quantile of sorted seconds, in milliseconds; None without any."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else None
