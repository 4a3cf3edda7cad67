"""What was sent and received on one realtime connection.

fal answers inputs in their order, but not each of them: it drops inputs while newer ones wait, a
batch of them may have one output, and one of them a stream of outputs. So nothing but the end of a
connection shows which inputs are left without an output.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


class Sent(NamedTuple):
    """An input that was sent."""

    message: bytes
    attempt: int = 1


class Exchange:
    """Counts the inputs and outputs of a connection.

    Args:
        kept: The most inputs that are kept, in order to send them again.
    """

    def __init__(self, kept: int) -> None:
        self.unanswered = deque[Sent](maxlen=kept)
        """The newest inputs without an output, if each output belongs to the oldest of them."""
        self.has_output = self.has_failed = False
        self._inputs = self._outputs = 0
        self._is_settled = True

    def add_input(self, sent: Sent) -> None:
        """Count an input that is about to be written."""
        self._inputs += 1
        self._is_settled = False
        self.unanswered.append(sent)

    def remove_input(self) -> None:
        """Discount the newest input, whose caller learns about it at once."""
        self._inputs -= 1
        if self.unanswered:
            self.unanswered.pop()

    def add_output(self, *, has_failed: bool = False) -> None:
        """Count an output, or an error in place of one."""
        self._outputs += 1
        self._is_settled = True
        self.has_failed |= has_failed
        self.has_output |= not has_failed
        if self.unanswered:
            self.unanswered.popleft()

    def uncertain(self, *, is_complete: bool) -> int:
        """Return how many inputs may have been processed without their output having arrived.

        Args:
            is_complete: Whether the server ended the connection because it had nothing left to do.
                Then an output that follows the last input settles all of them.
        """
        if is_complete and self._is_settled and not self.has_failed:
            return 0
        return max(self._inputs - self._outputs, 0)
