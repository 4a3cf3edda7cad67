"""Workflows of GitHub: validation, and their steps run by bash as GitHub runs them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

SCRIPTS = Path(sysconfig.get_path("scripts"))


def validate(*workflows: Path) -> None:
    """Assert that workflows have the syntax of GitHub, and that zizmor finds nothing to mend."""
    fits_schema("github-workflows", *workflows)
    command = [str(SCRIPTS / "zizmor"), "--offline", "--persona", "pedantic", *map(str, workflows)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def fits_schema(kind: str, *files: Path) -> None:
    """Assert that files fit a schema of check-jsonschema, which takes long to import."""
    from click.testing import CliRunner

    main = import_module("check_jsonschema").main
    done = CliRunner().invoke(main, ["--builtin-schema", f"vendor.{kind}", *map(str, files)])
    assert done.exit_code == 0, done.output


def run_step(
    script: str, folder: Path, environment: Mapping[str, str], *tools: Path
) -> subprocess.CompletedProcess[str]:
    """Run the script of a step, with folders of tools before those of this machine.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    path = os.pathsep.join(map(str, [*tools, Path(sys.executable).parent, os.environ["PATH"]]))
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, **environment, "PATH": path},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
