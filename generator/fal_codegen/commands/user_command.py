"""Run a command of the user's, and end as it ends."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from fal_codegen.errors import UsageError


def run_user_command(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in an environment; return its exit code.

    Ctrl-C reaches the command from the terminal, and a signal that terminates this process is
    passed on, even if it arrives while the command starts. Either way, the command decides how it
    ends.

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
    process: subprocess.Popen[bytes] | None = None
    terminated = False

    def terminate(*_: object) -> None:
        nonlocal terminated
        terminated = True
        if process is not None:
            process.terminate()

    with _handling(signal.SIGTERM, terminate), _handling(signal.SIGINT, _leave_to_the_command):
        try:
            process = subprocess.Popen([program, *words[1:]], env=environment)
        except OSError as error:
            raise UsageError(
                f"cannot run {words[0]}: {error.strerror or error}",
                hint=f"to run a Python program: python {words[0]}"
                if words[0].endswith(".py")
                else "check the name and the path of the command",
            ) from error
        if terminated:
            process.terminate()
        code = _wait(process)
    return code if code >= 0 else 128 - code


def _wait(process: subprocess.Popen[bytes]) -> int:
    # The handler of a signal that arrives just before a wait runs after it, so waits are short.
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=1)


def _leave_to_the_command(*_: object) -> None:
    """Do nothing; a command inherits no handler, but it would inherit `signal.SIG_IGN`."""


@contextmanager
def _handling(number: signal.Signals, handler: Callable[..., object]) -> Iterator[None]:
    previous = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, previous)
