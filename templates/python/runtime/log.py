"""The log of this package, under the package's own name."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__.partition("._runtime")[0])
