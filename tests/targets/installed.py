"""Generated stubs, installed beside fal-client in an environment of their own."""

from __future__ import annotations

import os
import shutil
import sysconfig
import venv
import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder


def install(stubs: Path, folder: Path) -> Path:
    """Build the distribution and install it; return the interpreter of the environment.

    Args:
        stubs: The output folder of the target.
        folder: An empty folder for the environment.
    """
    venv.create(folder / "env", with_pip=False)
    (site,) = (folder / "env").glob("[Ll]ib/**/site-packages")
    (site / "base.pth").write_text(sysconfig.get_paths()["purelib"], "utf-8")
    source = Path(shutil.copytree(stubs, folder / "source"))
    (wheel,) = WheelBuilder(str(source)).build(directory=str(folder))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
