"""Hard links, which give a finished file its name in one step."""

from __future__ import annotations

import os
from pathlib import Path


def link(file: Path, name: Path) -> bool:
    """Give a file another name; return False if the system or the file system has no links.

    Raises:
        FileExistsError: The name is taken.
    """
    if not hasattr(os, "link"):
        return False
    try:
        os.link(file, name, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True
