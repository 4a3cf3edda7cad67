"""Measure how fast an editor completes endpoint ids in TypeScript, beside the official client.

    npm install @fal-ai/client typescript zod
    python benchmarks/editor.py --corpus DIR

DIR is a folder of fal documents. A package is generated from all of them. Then tsserver, which
editors use, completes an id in a call of `fal.subscribe` after each key, with the generated package
and with the official client. The time is the processor's, so other programs hardly change it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

TARGET = '[targets.typescript]\npackage = "fal-endpoints"\noutput = "package"\n'
MODULES = {"fal-endpoints": "this package", "@fal-ai/client": "the official client"}

BEFORE = 'const result = await fal.subscribe("fal-ai/'
AFTER = '", { input: { prompt: "a" } });\nresult.data;\n'
KEYS = "flux/dev"

ROUNDS = 3
"""Each module is measured this often, in turns; the medians count."""

PACKAGES = ("@fal-ai/client", "typescript", "zod")


class Completed(NamedTuple):
    """What completing an id took.

    Attributes:
        ids: The ids that were offered before the first key.
        first: The seconds of the first completion, which reads all types.
        key: The median of the seconds after each further key.
    """

    ids: int
    first: float
    key: float


class Server:
    """A tsserver process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._number = 0

    def tell(self, command: str, **arguments: object) -> int:
        """Send a request, and return its number."""
        assert self._process.stdin is not None
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command}
        self._process.stdin.write(json.dumps({**request, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        return self._number

    def ask(self, command: str, **arguments: object) -> Any:
        """Send a request, and return the body of its response."""
        assert self._process.stdout is not None
        number = self.tell(command, **arguments)
        for line in self._process.stdout:
            message = json.loads(line) if line.startswith("{") else {}
            if message.get("request_seq") == number:
                return message["body"]
        sys.exit(f"tsserver ended while it was asked for {command}")

    def seconds(self) -> float:
        """Return the processor's time so far."""
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def tsserver(modules: Path) -> Iterator[Server]:
    """Run tsserver."""
    program = modules / "typescript" / "lib" / "tsserver.js"
    command = [
        "node",
        str(program),
        "--disableAutomaticTypingAcquisition",
        "--suppressDiagnosticEvents",
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        server = Server(process)
        yield server
        server.tell("exit")


def measure(module: str, folder: Path, modules: Path) -> Completed:
    """Type an id, and complete it after each key."""
    file = str(folder / "program.mts")
    head = f'import {{ fal }} from "{module}";\n'
    column = len(BEFORE) + 1
    ids, seconds = 0, list[float]()
    with tsserver(modules) as server:
        server.tell("open", file=file, fileContent=head + BEFORE + AFTER)
        for key in ("", *KEYS):
            end = {"line": 2, "offset": column, "endLine": 2, "endOffset": column}
            server.tell("change", file=file, insertString=key, **end)
            column += len(key)
            started = server.seconds()
            offered = server.ask("completionInfo", file=file, line=2, offset=column)
            seconds.append(server.seconds() - started)
            # The text that is typed so far counts as an entry.
            ids = ids or len(offered["entries"]) - 1
    first, *others = seconds
    return Completed(ids, first, statistics.median(others))


def install(work: Path, corpus: Path, modules: Path) -> Path:
    """Generate the package, and return a folder whose programs find it."""
    (work / "specs").mkdir()
    (work / "specs" / "endpoints.toml").write_text(TARGET, "utf-8")
    # Some documents cannot be used, so this ends with exit code 1.
    subprocess.run(
        ["fal-codegen", "add", "--project", work, "--from", corpus],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    for name in PACKAGES:
        link = work / "node_modules" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to((modules / name).resolve(), target_is_directory=True)
    shutil.move(work / "package", work / "node_modules" / "fal-endpoints")
    return work


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the completion of ids in TypeScript.")
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of fal documents")
    parser.add_argument(
        "--modules",
        type=Path,
        default=os.environ.get("NODE_PATH", "node_modules"),
        help="the folder node_modules with the npm packages (default: NODE_PATH)",
    )
    options = parser.parse_args()
    took: dict[str, list[Completed]] = {module: [] for module in MODULES}
    with tempfile.TemporaryDirectory() as name:
        folder = install(Path(name), options.corpus.resolve(), options.modules)
        for _ in range(ROUNDS):
            for module, rounds in took.items():
                rounds.append(measure(module, folder, options.modules.resolve()))
    print(f"{platform.machine()}, {os.cpu_count()} processors; seconds of the processor\n")
    print("| completed from | ids | first | each further key |\n|---|---|---|---|")
    keys = {}
    for module, rounds in took.items():
        first = statistics.median(each.first for each in rounds)
        keys[module] = statistics.median(each.key for each in rounds)
        print(f"| {MODULES[module]} | {rounds[0].ids} | {first:.2f} | {keys[module]:.2f} |")
    ours, theirs = keys.values()
    if ours > theirs:
        print(f"\nmissed: a key takes {ours / theirs:.1f} times as long", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
