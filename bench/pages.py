"""Pages beside those of forums made with Django: requests per second, response times and processor time, with
one and sixteen requests at a time, and replies posted.

Ours in production mode with a tenth of a programme; the forums with about as many posts. All on PostgreSQL,
one process each, a signed-in reader who has read everything.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator

from bench.contenders import CLIENT_CORE, UnavailableError, pin
from bench.page_contenders import Load, OurPages, PageContender, Peer
from bench.report import Row, log, median, run
from tests import servers

REPEATS, SECONDS = 3, 4.0
WARM_UP_SECONDS = 1.0
AT_ONCE = (1, 16)
PEOPLE, INSTITUTES, SPACES = 2_080, 12, 70
THREAD, ROOM = "thread of 20", "room"
COMPARED = {
    THREAD: ("thread", 4.0),
    "space": ("list", 2.5),
    "practices": ("list", 2.5),
    "people": ("list", 2.5),
    "Today": ("home", 2.5),
}
"""Our pages: with which page of a forum each is compared, and how many times as fast as Spirit's it should
be."""
POSTED = "reply posted"
POSTED_TIMES = 2.0
CPU_MS = {THREAD: 8.0, ROOM: 8.0}
OURS, SPIRIT = "ours", "Spirit"

Loads = dict[tuple[str, str, int], list[Load]]
"""The turns by contender, page and requests at a time."""


def measure(quick: bool) -> list[Row]:
    """All contenders in turn."""
    repeats, seconds = (1, 1.0) if quick else (REPEATS, SECONDS)
    servers.Postgres.settings = ()
    pin(servers.postgres().process.pid, CLIENT_CORE)
    contenders, rows = _contenders(quick)
    try:
        for contender in contenders:
            contender.start()
        loads = _measured(contenders, repeats, seconds)
    finally:
        for contender in contenders:
            contender.stop()
    names = [contender.name for contender in contenders]
    return [*rows, *_ratios(loads, names), *_costs(loads), *_details(loads)]


def _contenders(quick: bool) -> tuple[list[PageContender], list[Row]]:
    """Those that can run here, and a row for each that cannot."""
    topics = 200 if quick else 2_000
    log("Loading a programme")
    size = (208, 2, 7) if quick else (PEOPLE, INSTITUTES, SPACES)
    contenders: list[PageContender] = [OurPages(*size)]
    rows = []
    for name, module, package, field in (
        (SPIRIT, "spirit", "django-spirit==0.14.3", "comment"),
        ("machina", "machina", "django-machina==1.3.1", ""),
    ):
        try:
            log(f"Filling {name}")
            contenders.append(Peer(name, module, package, field=field, topics=topics))
        except UnavailableError as reason:
            rows.append(Row(f"pages: {name}", None, detail=str(reason)))
    return contenders, rows


def _measured(contenders: list[PageContender], repeats: int, seconds: float) -> Loads:
    """What each turn gave. They take turns page by page, so that a slow minute meets all of them."""
    loads: Loads = defaultdict(list)
    turns = list(_turns(contenders))
    for contender, page in turns:
        if page != POSTED:
            contender.read(page, 1, WARM_UP_SECONDS)
    for repeat in range(repeats):
        for connections in AT_ONCE:
            log(f"Turn {repeat + 1} of {repeats}, {connections} at a time")
            for contender, page in turns:
                if page == POSTED:
                    load = contender.post(connections, seconds)
                else:
                    load = contender.read(page, connections, seconds)
                loads[contender.name, page, connections].append(load)
    return loads


def _turns(contenders: list[PageContender]) -> Iterator[tuple[PageContender, str]]:
    """Who is asked for what in one turn, what is compared side by side."""
    ours, *others = contenders
    done = set()
    for page, (theirs, _times) in COMPARED.items():
        yield ours, page
        if theirs not in done:
            yield from ((other, theirs) for other in others)
        done.add(theirs)
    yield ours, ROOM
    yield from ((contender, POSTED) for contender in contenders if contender.posters)


def _ratios(loads: Loads, names: list[str]) -> Iterator[Row]:
    """Ours to Spirit's, turn by turn."""
    pages = COMPARED | {POSTED: (POSTED, POSTED_TIMES)}
    for page, (theirs, times) in pages.items():
        for connections in AT_ONCE:
            what = f"pages: {page}, to Spirit's {theirs}, {connections} at a time"
            if SPIRIT not in names:
                yield Row(what, None, "times", at_least=times, detail="Spirit was not measured")
                continue
            mine, spirit = loads[OURS, page, connections], loads[SPIRIT, theirs, connections]
            yield Row(
                what,
                median(a.per_second / b.per_second for a, b in zip(mine, spirit, strict=True)),
                "times",
                at_least=times,
                detail=f"processor time {_cpu(mine):.1f} to {_cpu(spirit):.1f} ms",
            )


def _costs(loads: Loads) -> Iterator[Row]:
    """Processor time under a server."""
    for page, most in CPU_MS.items():
        yield Row(f"pages: {page}, processor time", _cpu(loads[OURS, page, 1]), "ms", at_most=most)


def _details(loads: Loads) -> Iterator[Row]:
    """What each contender gave, without a bound."""
    for (name, page, connections), turns in sorted(loads.items()):
        p50, p95 = (median(load.quantile_ms(share) for load in turns) for share in (0.5, 0.95))
        database = median(load.postgres_ms for load in turns)
        yield Row(
            f"pages: {name}, {page}, {connections} at a time",
            median(load.per_second for load in turns),
            "/s",
            detail=f"p50 {p50:.1f}, p95 {p95:.1f}, processor {_cpu(turns):.1f}, PostgreSQL {database:.1f} ms"
            + (f", {turns[0].counted['bytes'] / 1000:.1f} KB" if page != POSTED else ""),
        )


def _cpu(turns: list[Load]) -> float:
    return median(load.server_ms for load in turns) or 0.0


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
