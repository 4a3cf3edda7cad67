"""How long a client waits, and how much it takes into memory or sends at once."""

from __future__ import annotations

from typing import NamedTuple

from .retries import Retries


class Tuning(NamedTuple):
    """Waits in seconds, and sizes in bytes. A caller sets the timeout and the retries."""

    timeout: float = 120.0
    """One network operation."""
    connect_timeout: float = 10.0
    """Connecting, at most the timeout."""
    retries: Retries = Retries()
    """How often a request is sent again, and after which pauses."""
    backup_hosts: bool = False
    """Whether a request that reached no server is sent again to fal's backup host."""
    status_pause: float = 0.1
    """Before the status is requested again where the server has no stream of states."""
    without_news: float = 60.0
    """A stream without a new state, after which the status is requested as well."""
    grace: float = 5.0
    """An interruption waits for a shielded response; a second Ctrl-C does not wait."""
    overtime: float = 5.0
    """Past the deadline, for the response that names the job to cancel."""
    longest_response: int = 256 * 1024 * 1024
    """A response in memory; results that embed files take tens of millions."""
    longest_event: int = 64 * 1024 * 1024
    """The characters of one event of a stream; events with images take millions."""
    most_messages: int = 256
    """Messages of a WebSocket that wait to be received; then the server has to wait."""
    largest_upload: int = 90 * 1024 * 1024
    """An upload in one request. A larger file is sent in parts, so that a lost connection costs one
    part (as in fal-client)."""
    upload_part: int = 10 * 1024 * 1024
    """Each part of a larger file."""


BACKUP_CONNECT_TIMEOUT = 5.0
"""Connecting, if there is another host to try (as in fal-client)."""

DEFAULTS = Tuning()
"""What clients use unless their caller sets something else."""
