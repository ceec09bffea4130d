"""Installations to measure."""

from tests.site import Server, Site


class Installation(Site):
    """An installation as in tests, but without a movable clock, which reads a file at every call."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a test's, without the clock's file."""
        variables = super().environment
        del variables["AFTERCOURSE_CLOCK_OFFSET_FILE"]
        return variables

    def another(self) -> Server:
        """Another server without jobs, not started yet."""
        server = Server(self, "--no-jobs")
        self.servers.append(server)
        return server
