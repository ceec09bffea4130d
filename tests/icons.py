"""Icons from one index that is read once.

The lucide package reads its index of all drawings again for each icon. That is a third of the time of a
process's first pages, and the tests start hundreds of processes.
"""

from contextlib import nullcontext
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

import lucide


def cache_index() -> None:
    """Cache the index in this process and those it forks."""
    packed = ZipFile(BytesIO(files(lucide).joinpath("lucide.zip").read_bytes()))
    lucide.ZipFile = lambda *_file: nullcontext(packed)
