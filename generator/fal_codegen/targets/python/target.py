"""The target `python`: an installable package with one client for every declared endpoint."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fal_codegen.errors import ProjectError
from fal_codegen.ir import Endpoint
from fal_codegen.render import Templates
from fal_codegen.targets.python.names import Node, tree
from fal_codegen.targets.python.quoting import FILTERS
from fal_codegen.targets.python.types import python_types
from fal_codegen.targets.python.views import children, endpoint_module, namespace_module

NAME = "python"
LINE_LENGTH = 100


@dataclass(frozen=True)
class Settings:
    """What the declaration says of this target.

    Attributes:
        package: Import name of the generated package.
        version: Version of the generated package.
    """

    package: str
    version: str


def generate(
    endpoints: Sequence[Endpoint],
    settings: Settings,
    template_folders: Sequence[Path],
    on_done: Callable[[str], None] = lambda _: None,
) -> dict[str, str]:
    """Return the files of the package, by path below the output folder.

    Args:
        endpoints: The endpoints of the package.
        settings: What the declaration says of it.
        template_folders: Where templates are looked for, first one first.
        on_done: Called with each endpoint's id when its module is drawn.

    Raises:
        ProjectError: A template is missing or wrong.
    """
    templates = Templates(template_folders, FILTERS)
    package = settings.package
    nodes = tree(endpoints)
    files = {
        "pyproject.toml": templates.render("pyproject.toml.jinja", settings=settings),
        "README.md": templates.render("README.md.jinja", settings=settings, calls=_calls(nodes)),
        f"{package}/py.typed": "",
    }
    for path, text in templates.files("runtime", ".py").items():
        header = templates.render("header.jinja", source=f"templates/{NAME}/runtime/{path}")
        files[f"{package}/_runtime/{path}"] = header + text
    modules = {
        f"{package}/__init__.py": templates.render("init.py.jinja", settings=settings),
        f"{package}/_client.py": templates.render(
            "client.py.jinja", children=children(nodes, package), settings=settings
        ),
    }
    for node in _walk(nodes):
        modules[f"{package}/{node.file}"] = _module(node, package, templates)
        if node.endpoint is not None:
            on_done(node.endpoint.id)
    return dict(sorted({**files, **_format(modules)}.items()))


def _walk(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _calls(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """Return each endpoint's id with the way to it from the client."""
    return [(node.prefix, ".".join(node.path)) for node in _walk(nodes) if node.endpoint]


def _module(node: Node, package: str, templates: Templates) -> str:
    if node.endpoint is None:
        view = namespace_module(node, package)
    else:
        view = endpoint_module(node, node.endpoint, python_types(node.endpoint), package)
    return templates.render("node.py.jinja", module=view)


def _format(files: Mapping[str, str]) -> dict[str, str]:
    """Format Python files, all in one call of ruff."""
    from ruff import find_ruff_bin

    with tempfile.TemporaryDirectory(prefix="fal-codegen-") as folder:
        root = Path(folder)
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        done = subprocess.run(
            [
                find_ruff_bin(),
                "format",
                "--isolated",
                "--no-cache",
                f"--line-length={LINE_LENGTH}",
                "--target-version=py310",
                ".",
            ],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ProjectError(
                f"the templates came to Python that cannot be formatted: {done.stderr.strip()}",
                hint="correct the template that wrote this file",
            )
        return {path: (root / path).read_bytes().decode() for path in files}
