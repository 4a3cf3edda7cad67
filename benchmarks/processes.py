"""Commands run as whole processes, with what each took."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Took(NamedTuple):
    """What a process took.

    Attributes:
        seconds: From its start to its end.
        megabytes: The most memory that it, or a process it started, had at once.
    """

    seconds: float
    megabytes: float


def cache(work: Path) -> Path:
    """Return where commands keep what they remember between runs."""
    return work / "cache"


def clear(path: Path, work: Path) -> None:
    """Move a file or a folder out of the way, if it exists; it is removed with `work`.

    If it were removed now, the next commands would take longer: for a minute, ext4 searches past
    each inode that was freed, whenever it creates a file.
    """
    if path.exists():
        path.rename(Path(tempfile.mkdtemp(prefix="cleared-", dir=work), path.name))


def run(
    command: Sequence[str | Path], work: Path, environment: Mapping[str, str] | None = None
) -> Took:
    """Run one command to its end; it has to succeed.

    Args:
        command: A program of this Python's environment, or of the system, and its arguments.
        work: Where it runs, and keeps bytecode and what it remembers.
        environment: Variables to add to the environment, from which Python's own are taken out.
    """
    path = sysconfig.get_path("scripts") + os.pathsep + os.environ.get("PATH", "")
    # Bytecode is written and used, whatever PYTHONDONTWRITEBYTECODE says here.
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    own = {
        "PATH": path,
        "PYTHONPYCACHEPREFIX": str(work / "bytecode"),
        "XDG_CACHE_HOME": str(cache(work)),
    }
    program = shutil.which(command[0], path=path) or command[0]
    with tempfile.TemporaryFile(dir=work) as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [program, *command[1:]],
            cwd=work,
            env={**plain, **own, **(environment or {})},
            stdout=output,
            stderr=output,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{command[0]} failed:\n{output.read().decode(errors='replace')}")
    return Took(seconds, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
