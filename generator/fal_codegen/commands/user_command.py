"""Run a command of the user's, and end as it ends."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from fal_codegen.errors import UsageError


def run_user_command(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in an environment; return its exit code.

    Ctrl-C reaches the command from the terminal, and a signal that terminates this process is
    passed on. Either way, the command decides how it ends.

    Args:
        words: The command and its arguments.
        environment: All environment variables of the command.

    Returns:
        Its exit code; 128 plus the signal's number if a signal ended it, as in shells.

    Raises:
        UsageError: The command cannot be started.
    """
    # Windows does not look for `npm.cmd` if asked for `npm`.
    program = shutil.which(words[0]) or words[0]
    started: list[subprocess.Popen[bytes]] = []

    def terminate(*_: object) -> None:
        for process in started:
            process.terminate()

    with _handling(signal.SIGTERM, terminate):
        try:
            process = subprocess.Popen([program, *words[1:]], env=environment)
        except OSError as error:
            raise UsageError(
                f"cannot run {words[0]}: {error.strerror or error}",
                hint="check the name and the path of the command",
            ) from error
        started.append(process)
        code = _wait(process)
    return code if code >= 0 else 128 - code


def _wait(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass


@contextmanager
def _handling(number: signal.Signals, handler: Callable[..., object]) -> Iterator[None]:
    previous = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, previous)
