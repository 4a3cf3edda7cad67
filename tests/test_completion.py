"""Shells complete commands, options, choices, endpoint ids and paths."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from fal_codegen import catalogue_cache
from fal_codegen.commands import SUMMARIES
from fal_codegen.fetch.settings import CATALOGUE_URL
from projects import BLENDER, FAST, Cli

SCRIPTS = {
    "bash": """
source <(fal-codegen completion bash)
for line; do
    COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
    _python_argcomplete fal-codegen
    printf '=%s\\n' "$line"
    printf '%s\\n' "${COMPREPLY[@]}"
done
""",
    "zsh": """
compdef() { }
_describe() { printf '%s\\n' ${completions[@]} }
source <(fal-codegen completion zsh)
for line; do
    BUFFER=$line CURSOR=${#line} words=(fal-codegen)
    printf '=%s\\n' "$line"
    _python_argcomplete
done
""",
    "fish": """
fal-codegen completion fish | source
for line in $argv
    echo "=$line"
    complete -C $line
end
""",
}

COMMANDS = {"bash": ["bash", "-c", SCRIPTS["bash"], "-"]}
COMMANDS["zsh"] = ["zsh", "-fc", SCRIPTS["zsh"], "-"]
COMMANDS["fish"] = ["fish", "--no-config", "-c", SCRIPTS["fish"]]

EXPECTED = {
    "fal-codegen ge": ["generate"],
    "fal-codegen drift --format ": "text markdown json github junit sarif html".split(),
    "fal-codegen drift --fail": ["--fail-on"],
    "fal-codegen completion f": ["fish"],
    "fal-codegen remove acme/": [BLENDER, FAST],
    "fal-codegen fetch acme/blender/": [FAST],
    "fal-codegen add fal-ai/": ["fal-ai/flux/dev", "fal-ai/pika"],
    "fal-codegen add acme/b": [],
    "fal-codegen list --project gen": ["generated/"],
    "fal-codegen add --from specs/endp": [
        "specs/endpoints.lock", "specs/endpoints.schema.json", "specs/endpoints.toml",
    ],
}  # fmt: skip

OF_EVERY_SHELL = [
    "fal-codegen ge",
    "fal-codegen drift --fail",
    "fal-codegen remove acme/",
    "fal-codegen add acme/b",
    "fal-codegen add --from specs/endp",
]
"""Lines that every shell completes; the tool itself decides the words of the others."""

Completed = Callable[[str, list[str]], Mapping[str, list[str]]]


@pytest.fixture(scope="module")
def completed(pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Completed:
    """Return what a shell completes in a project, for each line."""

    def run(shell: str, lines: list[str]) -> Mapping[str, list[str]]:
        if not shutil.which(shell):
            pytest.skip(f"needs {shell}")
        cache = tmp_path_factory.mktemp("cache")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(cache))
            listed = [BLENDER, "fal-ai/flux/dev", "fal-ai/pika", "$(touch pwned)/x"]
            catalogue_cache.remember(CATALOGUE_URL, listed, is_complete=True)
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            patch.setenv("PATH", path)
            ran = subprocess.run(
                [*COMMANDS[shell], "fal-codegen ", *lines],
                cwd=pattern,
                capture_output=True,
                text=True,
                check=True,
            )
        found: dict[str, list[str]] = {}
        for line in ran.stdout.splitlines():
            if line.startswith("="):
                found[line[1:]] = values = []
            elif line:
                text = line.split("\t")[0] if shell == "fish" else line.replace("\\:", ":")
                values.append((text.split(":")[0] if shell == "zsh" else text).strip())
        return found

    return run


@pytest.mark.parametrize(
    ("shell", "lines"),
    [
        pytest.param("bash", [*EXPECTED], id="bash"),
        pytest.param("zsh", OF_EVERY_SHELL, id="zsh"),
        pytest.param("fish", OF_EVERY_SHELL, id="fish"),
        pytest.param("zsh", [*EXPECTED], id="zsh, all", marks=pytest.mark.exhaustive),
        pytest.param("fish", [*EXPECTED], id="fish, all", marks=pytest.mark.exhaustive),
    ],
)
def test_a_shell_completes(completed: Completed, shell: str, lines: list[str]) -> None:
    found = dict(completed(shell, lines))
    assert {*SUMMARIES, "--version"} < {*found.pop("fal-codegen ")}
    assert {line: sorted(values) for line, values in found.items()} == {
        line: sorted(EXPECTED[line]) for line in lines
    }


def test_help_says_how_to_switch_it_on(cli: Cli) -> None:
    text = cli("completion", "--help").out
    for shell in COMMANDS:
        assert f"fal-codegen completion {shell}" in text


def test_other_commands_do_not_import_it(pattern: Path) -> None:
    code = (
        "import sys; from fal_codegen.cli import run; code = run(['list']); "
        "sys.exit(code or 'argcomplete' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=pattern, capture_output=True, check=True)


def complete(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as a shell does that completes a line."""
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), **environment}
    output = str(folder / "completions")
    return subprocess.run(
        [sys.executable, "-m", "fal_codegen"],
        cwd=folder,
        env={**os.environ, **asked, "_ARGCOMPLETE_STDOUT_FILENAME": output},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.posix
@pytest.mark.parametrize("option", ["add --from", "check --project"])
def test_the_name_of_a_file_is_never_run(tmp_path: Path, option: str) -> None:
    name = "a'; touch pwned; '"
    (tmp_path / name).mkdir()
    done = complete(f'fal-codegen {option} "{name[:-1]}', tmp_path)
    assert done.returncode == 0
    assert name in (tmp_path / "completions").read_text()
    assert not (tmp_path / "pwned").exists()


def test_a_shell_that_asks_wrongly_gets_an_error(tmp_path: Path) -> None:
    done = complete("fal-codegen ad", tmp_path, COMP_POINT="end")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert done.stderr.startswith("error: ")
