"""Node, and folders in which programs use a generated package as they would after `npm install`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "typescript"
NODE = shutil.which("node")
PACKAGES = {
    "@fal-ai/client": "1.10.1",
    "esbuild": "0.28.2",
    "typescript": "5.9.3",
    "zod": "4.6.7",
}

_FIND = f"""
const names = {json.dumps(list(PACKAGES))};
const roots = names.map((name) => {{
  const [folder] = require.resolve(name).split(require("path").join("node_modules", name));
  return [name, require("path").join(folder, "node_modules", name)];
}});
console.log(JSON.stringify(Object.fromEntries(roots)));
"""
_SETTINGS = {
    "strict": True,
    "module": "nodenext",
    "target": "es2022",
    "lib": ["es2023", "dom", "dom.iterable"],
    "types": [],
    "skipDefaultLibCheck": True,  # the compiler's own files
    "outDir": "out",
}
STRICTEST = dict.fromkeys(
    """
    exactOptionalPropertyTypes noFallthroughCasesInSwitch noImplicitOverride noImplicitReturns
    noPropertyAccessFromIndexSignature noUncheckedIndexedAccess noUnusedLocals noUnusedParameters
    isolatedModules verbatimModuleSyntax
    """.split(),
    True,
)
"""Every setting that makes the compiler stricter than `strict` does."""

_ERROR = re.compile(r"^(\S.*?)\((\d+),\d+\): error (TS\d+)", re.MULTILINE)


def node(*arguments: str | Path, folder: Path = HERE, given: object = None) -> str:
    """Run node, with a value as JSON on its standard input; return what it printed."""
    assert NODE is not None
    ran = subprocess.run(
        [NODE, *map(str, arguments)],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return ran.stdout


def installed() -> Mapping[str, Path]:
    """Return where the npm packages are that the tests need; skip the test if they are not."""
    if NODE is None:
        pytest.skip("needs node (https://nodejs.org)")
    found = subprocess.run([NODE, "-e", _FIND], cwd=HERE, capture_output=True, text=True)
    if found.returncode:
        wanted = " ".join(f"{name}@{version}" for name, version in PACKAGES.items())
        pytest.skip(
            f"needs `npm install --no-save {wanted}` here or in a folder above, "
            "or NODE_PATH naming the node_modules they are in"
        )
    return {name: Path(root) for name, root in json.loads(found.stdout).items()}


@dataclass(frozen=True)
class Error:
    """An error of the TypeScript compiler."""

    file: str
    line: int
    code: str


@dataclass(frozen=True)
class App:
    """A folder with `node_modules` of its own.

    Attributes:
        modules: Where the npm packages are that it uses.
    """

    folder: Path
    modules: Mapping[str, Path]

    @classmethod
    def start(cls, folder: Path) -> App:
        """Make the folder; skip the test if the npm packages are not there."""
        app = cls(folder, installed())
        for name, root in app.modules.items():
            link = folder / "node_modules" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(root, target_is_directory=True)
        return app

    def install(self, package: Path, name: str = "fal-endpoints") -> Path:
        """Put a generated package among the modules, as npm does with `--install-links`."""
        return Path(shutil.copytree(package, self.folder / "node_modules" / name))

    def compile(self, *files: str, **settings: Any) -> tuple[list[Error], str]:
        """Compile files; return the errors, and all that the compiler said."""
        config = {"compilerOptions": {**_SETTINGS, **settings}, "include": files}
        (self.folder / "tsconfig.json").write_text(json.dumps(config), "utf-8")
        assert NODE is not None
        ran = subprocess.run(
            [NODE, self.modules["typescript"] / "bin" / "tsc", "--project", "."],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        errors = [Error(name, int(line), code) for name, line, code in _ERROR.findall(ran.stdout)]
        assert bool(errors) == bool(ran.returncode), ran.stdout
        return errors, ran.stdout

    def accepts(self, questions: Sequence[tuple[str, str, object]]) -> list[bool]:
        """Say of each value whether a zod schema takes it, given the schema's module and name."""
        shutil.copy(HERE / "accepts.mjs", self.folder)
        answers: list[bool] = json.loads(
            node("accepts.mjs", folder=self.folder, given=list(questions))
        )
        return answers
