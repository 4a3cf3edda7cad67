"""How each kind of request is sent."""

from __future__ import annotations

from math import inf

from ..transport.io import Policy
from .acceptance import judge_handshake, judge_read, judge_result, judge_status, judge_submission

SILENCE = 20.0
"""Seconds without data after which a stream of states is abandoned; fal sends a line every 15 s."""

READ = Policy(judge_read)
"""Cancelling on request, webhook keys, and asking where to upload."""
STORE = Policy(judge_status)
"""Sending a file or a part of it. Sending it again replaces it, so any 5xx is worth it."""
RESULT = Policy(judge_result)
"""The result of a job that is over."""
STATUS = Policy(judge_status)
"""The status of a job."""
FOLLOW = Policy(judge_read, attempts=1, timeout=SILENCE, streamed=True)
"""The stream of a job's states. If it fails, the status is requested instead."""
DOWNLOAD = Policy(judge_read, streamed=True)
"""Files."""
ABANDON = Policy(judge_read, shielded=True)
"""Cancelling a job whose caller left. It is shielded because tasks are often cancelled twice: by a
timeout, and by the task group around it."""
SUBMIT = Policy(judge_submission, once=True, shielded=True)
"""Putting a job into the queue: an interruption waits to learn which job to cancel."""
RUN = Policy(judge_submission, once=True, timeout=inf)
"""Calling a model: the response comes when it is done."""
STREAM = Policy(judge_submission, once=True, timeout=inf, streamed=True)
"""Calling a model that sends events while it works."""
RELAY = Policy(judge_read, attempts=1, streamed=True)
"""Forwarding a call of a browser that runs no model."""
HANDSHAKE = Policy(judge_handshake)
"""Opening a WebSocket, before anything is sent on it."""
