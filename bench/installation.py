"""An installation to measure."""

from tests.site import Server, Site


class Installation(Site):
    """One as tests make theirs, but whose clock nobody moves: every look at it would be one into a file."""

    @property
    def environment(self) -> dict[str, str]:
        """As a test's, without what moves the clock."""
        told = super().environment
        del told["AFTERCOURSE_CLOCK_OFFSET_FILE"]
        return told

    def another(self) -> Server:
        """A server more, without jobs, not started yet."""
        server = Server(self, "--no-jobs")
        self.servers.append(server)
        return server
