"""Hard links, which give a finished file its name in one step."""

from __future__ import annotations

import os
from pathlib import Path


def link(file: Path, name: Path) -> bool:
    """Give a file another name, and return whether that was possible: not every system has links.

    Raises:
        FileExistsError: The name is taken.
    """
    try:
        os.link(file, name, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # the latter if the operating system has none
        return False
    return True
