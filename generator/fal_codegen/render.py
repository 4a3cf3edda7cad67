"""Render: Jinja templates to text, which prints document text only through a quoting filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, NamedTuple

from fal_codegen.digests import files_below
from fal_codegen.errors import ProjectError
from fal_codegen.suggestions import did_you_mean

if TYPE_CHECKING:
    import jinja2

_EXTENSIONS = "extensions"

Filter = Callable[..., str]
OnDone = Callable[[str], None]

_BATCH = 200
"""Files of a batch: starting a process for a batch then takes little of its time."""


@dataclass(frozen=True)
class Untrusted:
    """Text from a document: a template can print it only through a quoting filter.

    It is not a `str`, so every operation that would turn it into one (`~`, `|upper`, `format`) is
    an error.

    Attributes:
        text: The text.
    """

    text: str

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        raise UnquotedTextError(
            f"prints text of a document without a quoting filter: {self.text[:60]!r}"
        )


class GeneratedFile(NamedTuple):
    """A file to render.

    Attributes:
        path: Its path below the output folder.
        template: The template that it is rendered from.
        values: The values that the template can print, by name.
        endpoint: The id of the endpoint that the file is about, for progress.
    """

    path: str
    template: str
    values: Mapping[str, object] = {}
    endpoint: str | None = None


class Templates:
    """The templates of one target: the project's own overrides, then the target's.

    `check` renders the templates of projects that others wrote. Templates therefore run in Jinja's
    sandbox, and are read from their folders only.

    Args:
        folders: The folders to look in, first match wins; the last one is the target's.
        on_done: Called with the id of each endpoint that has been rendered.

    Raises:
        ProjectError: A file in the project's folder overrides no template of the target.
    """

    def __init__(self, folders: Sequence[Path], on_done: OnDone) -> None:
        self._folders = folders
        self._on_done = on_done
        _reject_unknown(folders)

    def render(
        self, files: Iterable[GeneratedFile], *, filters: Mapping[str, Filter]
    ) -> dict[str, str]:
        """Return the text of files, by path.

        Args:
            files: The files; an iterator is asked for the next one when the last one is rendered.
            filters: The target's quoting filters, by name.

        Raises:
            ProjectError: A template is missing or wrong, or prints document text unquoted.
        """
        batches = self.batches(files, filters=filters)
        return {path: text for batch in batches for path, text in batch.items()}

    def batches(
        self, files: Iterable[GeneratedFile], *, filters: Mapping[str, Filter]
    ) -> Iterator[dict[str, str]]:
        """Yield the text of files, by path, in batches: other work can begin with the first one.

        See `render`.
        """
        from fal_codegen.sandbox import Sandbox

        quoting = {name: _quoting(quote) for name, quote in filters.items()}
        sandbox = Sandbox(self._source, quoting)
        texts: dict[str, str] = {}
        for file in files:
            texts[file.path] = _render(sandbox, file)
            if file.endpoint is not None:
                self._on_done(file.endpoint)
            if len(texts) == _BATCH:
                yield texts
                texts = {}
        if texts:
            yield texts

    def files(self, folder: str, suffix: str) -> dict[str, str]:
        """Return the text of the files below a folder of the templates, by path.

        They are copied into what is generated, and not rendered.

        Raises:
            ProjectError: One of them is not UTF-8.
        """

        def is_wanted(path: str) -> bool:
            return path.endswith(("/", suffix)) and not _is_hidden(path.split("/"))

        found: dict[str, str] = {}
        for root in self._folders:
            real = root.resolve()
            _reject_link_out(root / folder, real)
            for path, file in files_below(root / folder, is_wanted, within=root):
                if file.is_symlink():
                    _reject_link_out(Path(file), real)
                if path not in found and file.is_file():
                    found[path] = _read(Path(file))
        return dict(sorted(found.items()))

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """Return the text of a template and its path, or None if no folder has the template."""
        from jinja2.exceptions import SecurityError

        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise SecurityError(f"{name} is not in the folder of templates")
        for folder in self._folders:
            path = folder / name
            if path.is_file():
                _reject_link_out(path, folder.resolve())
                return _read(path), str(path), None
        return None


class UnquotedTextError(Exception):
    """A template printed document text without a quoting filter."""


def _render(sandbox: jinja2.Environment, file: GeneratedFile) -> str:
    import jinja2
    from jinja2.exceptions import SecurityError

    name = file.template
    try:
        return sandbox.get_template(name).render(file.values)
    except ProjectError:
        raise
    except (SecurityError, OverflowError) as error:
        raise ProjectError(
            f"template {_place(error, name)}: not allowed: {error}",
            hint="templates run in a sandbox: they can only print the values of the target, "
            "through its filters",
        ) from error
    except jinja2.TemplateSyntaxError as error:
        raise ProjectError(
            f"template {error.filename or name}, line {error.lineno}: {error.message}"
        ) from error
    except jinja2.TemplateNotFound as error:
        raise ProjectError(
            f"template {_place(error, name)}: there is no template {error.name}"
        ) from error
    except Exception as error:  # a template of the project may raise anything
        raise ProjectError(
            f"template {_place(error, name)}: {str(error) or type(error).__name__}"
        ) from error


def _reject_unknown(folders: Sequence[Path]) -> None:
    """Reject files of a project that override no template of the target.

    A target that has a folder `extensions` lets projects add files to it.
    """
    *overrides, own = folders
    for folder in overrides:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_dir() or _is_hidden(name.parts):
                continue
            if not path.is_file():
                raise ProjectError(
                    f"{path} is not a regular file", hint="replace it with a file, or remove it"
                )
            is_addition = name.parts[0] == _EXTENSIONS and (own / _EXTENSIONS).is_dir()
            if not (own / name).is_file() and not is_addition:
                known = sorted(entry.name for entry in own.glob("*.jinja"))
                listing = f"templates: {', '.join(known)}, runtime/*"
                raise ProjectError(
                    f"{path} overrides no template", hint=did_you_mean(name.name, known, listing)
                )


def _reject_link_out(path: Path, folder: Path) -> None:
    """Reject a path on which a link leads out of a folder, whose own path has no links.

    Raises:
        ProjectError: A link leads out of the folder.
    """
    if not path.resolve().is_relative_to(folder):
        raise ProjectError(
            f"{path}: not allowed: it is a link out of {folder}",
            hint="put a copy there in place of the link",
        )


def _read(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ProjectError: It is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ProjectError(f"template {path} is not UTF-8") from error


def _place(error: Exception, name: str) -> str:
    """Return the file and the line that raised an error, which Jinja puts into the traceback.

    Args:
        error: The error.
        name: The template that was rendered, which can include others.
    """
    places = [
        f"{frame.f_code.co_filename}, line {line}"
        for frame, line in walk_tb(error.__traceback__)
        if frame.f_code.co_filename.endswith(".jinja")
    ]
    return places[-1] if places else name


def _is_hidden(parts: Iterable[str]) -> bool:
    """Return whether a file is one that editors, systems or Python leave in any folder.

    Args:
        parts: The names in its path.
    """
    return any(part.startswith(".") or part == "__pycache__" for part in parts)


def _quoting(quote: Filter) -> Filter:
    """Return a filter that accepts document text too."""

    def filtered(value: object, *arguments: object) -> str:
        return quote(value.text if isinstance(value, Untrusted) else value, *arguments)

    return filtered
