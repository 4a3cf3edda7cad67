"""Measure how long type checkers take on a program that uses the stubs for fal-client.

    pip install -e ".[bench,checks,test]"
    python benchmarks/stubs.py --corpus DIR

DIR is a folder of fal documents. Stubs are generated from some of them, and from all. Then mypy and
pyright check a program that calls two endpoints. The time is the processor's, so other programs
hardly change it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

import tomli
from processes import Took, run

SIZES = (20, 244)
"""Numbers of endpoints, beside all there are."""

TARGET = '[targets.fal-client-stubs]\noutput = "stubs"\n'


def stubs(documents: list[Path], folder: Path) -> list[str]:
    """Generate stubs from documents; return the ids of their endpoints."""
    (folder / "specs").mkdir(parents=True)
    (folder / "specs/endpoints.toml").write_text(TARGET, "utf-8")
    chosen = folder / "documents"
    chosen.mkdir()
    for document in documents:
        shutil.copy(document, chosen)
    add: list[str | Path] = ["fal-codegen", "add", "--project", folder, "--from", chosen]
    # Some documents cannot be used: exit code 2.
    run(["sh", "-c", '"$@" || test $? = 2', "sh", *add], folder)
    return sorted(tomli.loads((folder / "specs/endpoints.toml").read_text("utf-8"))["endpoints"])


def installed(folder: Path) -> Path:
    """Return the interpreter of an environment with this one's packages and the stubs."""
    venv.create(folder / "env", with_pip=False)
    (site,) = (folder / "env").glob("[Ll]ib/**/site-packages")
    (site / "base.pth").write_text(sysconfig.get_paths()["purelib"], "utf-8")
    shutil.copytree(folder / "stubs/fal_client-stubs", site / "fal_client-stubs")
    return folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"


def checked(ids: list[str], folder: Path) -> dict[str, Took]:
    """Check a program with each type checker; it calls two of the endpoints."""
    python = installed(folder)
    program = folder / "program"
    program.mkdir()
    first, second = ids[len(ids) // 3], ids[2 * len(ids) // 3]
    (program / "program.py").write_text(
        "from typing import Any\n\nimport fal_client\n\n"
        "arguments: dict[str, Any] = {}\n"
        f"print(fal_client.subscribe({first!r}, arguments))\n"
        f"print(fal_client.submit({second!r}, arguments).get())\n",
        "utf-8",
    )
    (program / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    mypy: list[str | Path] = ["mypy", "--config-file=", "--python-executable", python, "program.py"]
    pyright: list[str | Path] = ["basedpyright", "--pythonpath", python, "--project", "."]
    return {
        "mypy, first run": measured(mypy, program),
        "mypy, later run": measured(mypy, program),
        "pyright": measured(pyright, program),
    }


def measured(command: list[str | Path], folder: Path) -> Took:
    """Run a command; return the seconds of the processor, and the memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = run(command, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(seconds, took.megabytes)


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure type checkers with the stubs.")
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of fal documents")
    documents = sorted(parser.parse_args().corpus.resolve().glob("*.json"))
    print(f"{platform.machine()}, {os.cpu_count()} processors\n")
    print("| endpoints | type checker | seconds | MB |\n|---|---|---|---|")
    for size in (*SIZES, len(documents)):
        spread = [documents[number * len(documents) // size] for number in range(size)]
        with tempfile.TemporaryDirectory(prefix="fal-codegen-bench-") as name:
            ids = stubs(spread, Path(name) / "project")
            for checker, took in checked(ids, Path(name) / "project").items():
                print(f"| {len(ids)} | {checker} | {took.seconds:.1f} | {took.megabytes:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
