"""A room on an installation of its own, whose servers stop with the test."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.scene import SEVERAL, Scene
from tests.faults.services import Valkey


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A Valkey of this test."""
    server = Valkey()
    yield server
    server.stop()


@pytest.fixture
def scene_of(request: pytest.FixtureRequest, valkey: Valkey) -> Iterator[Callable[[str], Scene]]:
    """`scene_of(form)` creates one; a failed test shows the log of its servers."""
    created: list[Scene] = []

    def create(form: str) -> Scene:
        created.append(Scene(form, valkey.url if form == SEVERAL else ""))
        return created[-1]

    yield create
    for scene in created:
        scene.stop()
        request.node.add_report_section("teardown", "servers", scene.log()[-6000:])


@pytest.fixture
def scene(request: pytest.FixtureRequest, scene_of: Callable[[str], Scene]) -> Scene:
    """The room in the form that the test asks for."""
    return scene_of(request.param)
