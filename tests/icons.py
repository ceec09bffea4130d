"""Icons out of one index that is read once.

The package of the icons reads the index of all its drawings anew for each of them, which is a third of what
the first pages of a process cost; and we start hundreds of processes.
"""

from contextlib import nullcontext
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

import lucide


def read_their_index_once() -> None:
    """From here on, in this process and in those that it forks."""
    packed = ZipFile(BytesIO(files(lucide).joinpath("lucide.zip").read_bytes()))
    lucide.ZipFile = lambda *_file: nullcontext(packed)
