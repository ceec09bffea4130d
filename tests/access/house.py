"""Access to house."""

from tests.access import row

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("health", "+ ++++ ++ ++"),
    row("ready", "+ ++++ ++ ++"),
    # Asked from the machine itself, as all of these are; from elsewhere see tests/config/test_metrics.py.
    row("metrics", "+ ++++ ++ ++"),
    # Nobody of the cast runs the installation; a visitor goes by way of the admin's sign-in, which is ours.
    row("admin:index", "+ 3333 33 33"),
    # The address of the socket, without an upgrade.
    row("live_socket", "4 4444 44 44"),
    row("live_poll", "s +++++ +++"),
]
