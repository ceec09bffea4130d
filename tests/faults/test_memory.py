"""The memory of a server that hands out and takes in large files, to readers who take their time, and to
somebody who sends what nobody asked for."""

from collections.abc import Iterator

import pytest

from tests.large_files import Library
from tests.site import Site

MEBIBYTE = 1024 * 1024
FILE_BYTES = int(19.5 * MEBIBYTE)
ALLOWED_MIB = 60
"""What may be added to the memory of a server that has seen a download and an upload, whatever follows."""


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    site = Site("sqlite")
    laid = Library(site, FILE_BYTES)
    site.start()
    assert laid.download() == FILE_BYTES
    assert laid.upload(FILE_BYTES) == 302
    yield laid
    site.stop()


@pytest.fixture
def before(library: Library, request: pytest.FixtureRequest) -> Iterator[int]:
    """Its memory before the test, in MiB; `pytest -rA` shows it with that afterwards."""
    memory = library.memory
    yield memory
    said = f"{memory} MiB before, {library.memory} MiB after"
    request.node.add_report_section("teardown", "memory", said)


def test_a_hundred_downloads_one_after_the_other(library, before):
    for _number in range(100):
        assert library.download() == FILE_BYTES
    library.settles_below(before + ALLOWED_MIB)


def test_twenty_four_slow_readers_again_and_again(library, before):
    for _time in range(3):
        with library.slow_readers(24):
            assert library.memory < before + ALLOWED_MIB
            assert library.ask(library.head("GET", "/me/"))[0] == 200
    library.settles_below(before + ALLOWED_MIB)


def test_ten_uploads(library, before):
    for number in range(10):
        # Every other one is the same form sent twice, which is compared with the first.
        assert library.upload(FILE_BYTES, title=f"Film {number // 2}") == 302
    library.settles_below(before + ALLOWED_MIB)


@pytest.mark.parametrize("chunked", [False, True], ids=["with their length", "without"])
@pytest.mark.parametrize("path", ["/", "/months/1/materials/"])
def test_six_hundred_megabytes_are_sent(library, before, chunked, path):
    assert library.flood(path, 600 * MEBIBYTE, chunked=chunked, host="evil.example") == 413
    library.settles_below(before + ALLOWED_MIB)
