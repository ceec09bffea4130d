"""An installation to measure: as tests make theirs, but with servers as they run in earnest."""

from tests.site import ROOT, Server, Site

PROGRAM = (str(ROOT / "manage.py"),)
"""Each server is a process from its first line on. Those of tests share what they have loaded, and so hold
less memory of their own."""


class Installation(Site):
    """One installation, whose clock nobody moves."""

    def __init__(self, database: str, redis_url: str = "") -> None:
        super().__init__(database, redis_url)
        self.servers[0].program = PROGRAM

    @property
    def environment(self) -> dict[str, str]:
        """As a test's, without what moves the clock: every look at it would be one into a file."""
        told = super().environment
        del told["AFTERCOURSE_CLOCK_OFFSET_FILE"]
        return told

    def another(self, *options: str) -> Server:
        """A server more, not started yet."""
        server = Server(self, *options)
        server.program = PROGRAM
        self.servers.append(server)
        return server

    def start_another(self) -> Server:
        """Start a server more, without jobs, on a port of its own."""
        server = self.another("--no-jobs")
        server.start()
        return server
