"""A reader who follows a page: saves its files, runs its programs, and types its commands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from fal_codegen.emulator import Emulator
from targets.pages import RUN_PYTHON

from .examples import CLIENT, ROOT, Example, Page

ADDRESS = "http://127.0.0.1:8321"
"""Where pages say that the emulator is."""

END_OF_COMMAND = "@end of command"


@dataclass
class Reader:
    """Somebody with a clone of this repository, who starts in its folder.

    Attributes:
        folder: The clone's folder.
        emulator: The local fal that the pages call.
        here: The folder that the reader is in; `cd` in a console example changes it.
    """

    folder: Path
    emulator: Emulator
    here: Path = field(init=False)

    def __post_init__(self) -> None:
        shutil.copytree(ROOT / "specs", self.folder / "specs")
        shutil.copytree(ROOT / "generated", self.folder / "generated")
        stubs = ROOT / "generated/fal-client-stubs/fal_client-stubs"
        shutil.copytree(stubs, self.folder.parent / "stubs/fal_client")
        program = self.folder.parent / "bin/fal-endpoints"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fal_endpoints "$@"\n')
        program.chmod(0o755)
        (self.folder / "first-frame.png").write_bytes(b"not really a picture")
        self.here = self.folder

    def follow(self, page: Page) -> None:
        """Do all that a page shows, in its order, after the pages that it continues."""
        if page.before is not None:
            self.follow(page.before)
        for example in page.examples:
            match example.language:
                case "python" if example.title is None:
                    self.run(example)
                case "pycon":
                    self.converse(example)
                case "console":
                    self.type(example)
                case "sh":
                    self.start_emulator(example)
                case _ if example.title is not None:
                    self.save(example)
                case _:
                    pass

    def save(self, example: Example) -> Path:
        """Save an example in the file that its title names."""
        assert example.title is not None
        path = self.here / example.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.source, "utf-8")
        return path

    def run(self, example: Example) -> str:
        """Run a Python program, which must print something and exit with 0. Returns the output."""
        path = self.here / f"line_{example.line}.py"
        path.write_text(example.source, "utf-8")
        command = [sys.executable, path.name]
        if "import fal_client" in example.source:  # which has no setting for where fal is
            command = [sys.executable, "-c", RUN_PYTHON, self.emulator.base_url, path.name]
        ran = self._execute(command, FAL_KEY="any", FAL_BASE_URL=self.emulator.base_url)
        assert ran.returncode == 0, f"{example.name}\n{ran.stdout}"
        assert ran.stdout, f"{example.name} prints nothing"
        return ran.stdout

    def converse(self, example: Example) -> None:
        """Type the lines of a Python session, and compare the answers, with doctest."""
        path = self.here / f"line_{example.line}.txt"
        path.write_text(example.source, "utf-8")
        ran = self._execute(
            [sys.executable, "-m", "doctest", path.name],
            FAL_KEY="any",
            FAL_BASE_URL=self.emulator.base_url,
        )
        assert ran.returncode == 0, f"{example.name}\n{ran.stdout}"

    def type(self, example: Example) -> None:
        """Type the commands of a console example, and compare what they print with what it shows.

        `…` in what the page shows stands for any text, if the command succeeds.
        """
        steps = commands(example)
        end = f"(code=$?; echo '{END_OF_COMMAND}' $code; exit $code)"
        typed = "\n".join(f"{command}\n{end}" for command, _ in steps)
        script = f"{typed}\npwd\n".replace(ADDRESS, self.emulator.base_url)
        ran = self._execute(["bash", "-c", script])
        printed = ran.stdout.replace(self.emulator.base_url, ADDRESS)
        *parts, folder = re.split(rf"{END_OF_COMMAND} (\d+)\n", printed)
        ended = list(zip(parts[::2], parts[1::2], strict=True))
        assert len(ended) == len(steps), f"{example.name}\n{ran.stdout}"
        for (command, shown), (output, code) in zip(steps, ended, strict=True):
            said = f"{example.name} $ {command}\n{output}exit code {code}"
            pattern = ".*".join(map(re.escape, shown.split("…")))
            assert re.fullmatch(pattern, output, re.DOTALL), said
            assert code == "0" or "…" not in shown, said
        self.here = Path(folder.strip())

    def start_emulator(self, example: Example) -> None:
        """Bring the emulator into the state in which the page starts it."""
        for words in map(shlex.split, example.source.splitlines()):
            if words[:2] == ["fal-codegen", "emulate"]:
                self.emulator.reset()
                if "--faults" in words:
                    self.emulator.emulate(words[words.index("--faults") + 1])

    def _execute(self, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("FAL_")
        }
        environment |= {
            "PATH": os.pathsep.join(
                [
                    str(self.folder.parent / "bin"),
                    str(Path(sys.executable).parent),
                    os.environ["PATH"],
                ]
            ),
            # As if the client of the project that the reader is in were installed, and the stubs.
            "PYTHONPATH": f"generated/python{os.pathsep}{CLIENT}",
            "MYPYPATH": f"generated/python{os.pathsep}{self.folder.parent / 'stubs'}",
            "COLUMNS": "120",
            "PYTHONUNBUFFERED": "1",  # what it prints appears in the order of a terminal
            **variables,
        }
        return subprocess.run(
            command,
            cwd=self.here,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )


def commands(example: Example) -> list[tuple[str, str]]:
    """Return the commands of a console example, each with what it prints."""
    first, *others = re.split(r"^\$ ", example.source, flags=re.MULTILINE)
    assert not first, f"{example.name}: a console example starts with `$ `"
    found = list[tuple[str, str]]()
    for other in others:
        lines = other.splitlines(keepends=True)
        length = 1
        while lines[length - 1].endswith("\\\n"):
            length += 1
        found.append(("".join(lines[:length]).rstrip("\n"), "".join(lines[length:])))
    return found
