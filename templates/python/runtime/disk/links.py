"""Hard links, which give a finished file its name in one step."""

from __future__ import annotations

import os
from pathlib import Path


def link(file: Path, name: Path) -> bool:
    """Give a file another name, and return whether the file system and the system have links.

    Raises:
        FileExistsError: The name is taken.
    """
    try:
        os.link(file, name, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # Python raises the latter where the system has no links
        return False
    return True
