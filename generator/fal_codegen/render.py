"""Render: Jinja templates to text, with document text kept from being printed as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from fal_codegen.errors import ProjectError

if TYPE_CHECKING:
    import jinja2

Filter = Callable[..., str]


@dataclass(frozen=True)
class Untrusted:
    """Text from a document: a template can print it only through a quoting filter.

    It is no `str`, so that whatever would turn it into one (`~`, `|upper`, `format`) is an error.

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


class Templates:
    """The templates of one target: the project's own where it has them, else those of the tool.

    `check` renders the templates of projects that others wrote, so that templates run in Jinja's
    sandbox, and read nothing but files of the folders.

    Args:
        folders: Folders to look in, first one first.
        filters: The target's quoting filters.
    """

    def __init__(self, folders: Sequence[Path], filters: Mapping[str, Filter]) -> None:
        self._folders = folders
        _refuse_unknown(folders)
        self._filters = {name: _quoting(quote) for name, quote in filters.items()}
        self._environment: jinja2.Environment | None = None

    def render(self, name: str, **context: Any) -> str:
        """Render one template.

        Raises:
            ProjectError: The template is missing or wrong, or prints document text unquoted.
        """
        import jinja2
        from jinja2.exceptions import SecurityError

        try:
            return self._jinja().get_template(name).render(**context)
        except ProjectError:
            raise
        except (SecurityError, OverflowError) as error:
            raise ProjectError(
                f"template {name}{_line_of(error)}: not allowed: {error}",
                hint="templates run in a sandbox: they print what they are given, "
                "through the target's filters",
            ) from error
        except jinja2.TemplateSyntaxError as error:
            raise ProjectError(
                f"template {error.filename or name}, line {error.lineno}: {error.message}"
            ) from error
        except jinja2.TemplateNotFound as error:
            raise ProjectError(
                f"template {name}{_line_of(error)}: there is no template {error.name}"
            ) from error
        except Exception as error:  # whatever a template of the user's own may run into
            raise ProjectError(
                f"template {name}{_line_of(error)}: {str(error) or type(error).__name__}"
            ) from error

    def files(self, folder: str, suffix: str) -> dict[str, str]:
        """Return the files below a folder that are copied rather than rendered, by their path.

        Raises:
            ProjectError: One of them cannot be read as UTF-8.
        """
        found: dict[str, str] = {}
        for root in reversed(self._folders):
            for path in sorted((root / folder).rglob(f"*{suffix}")):
                if path.is_file() and not _is_hidden(path.relative_to(root)):
                    found[path.relative_to(root / folder).as_posix()] = _read(path, root)
        return dict(sorted(found.items()))

    def _jinja(self) -> jinja2.Environment:
        from fal_codegen.sandbox import Sandbox

        if self._environment is None:
            self._environment = Sandbox(self._source, self._filters)
        return self._environment

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """Return the text of a template and its path; None if there is none of the name."""
        from jinja2.exceptions import SecurityError

        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise SecurityError(f"{name} is not in the folder of templates")
        for folder in self._folders:
            path = folder / name
            if path.is_file():
                return _read(path, folder), str(path), None
        return None


class UnquotedTextError(Exception):
    """A template printed document text without saying in which position it stands."""


def _refuse_unknown(folders: Sequence[Path]) -> None:
    """Refuse templates of a project that stand in for none of the tool's."""
    *overrides, own = folders
    for folder in overrides:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            is_named_wrong = path.is_file() and not (own / name).is_file()
            if is_named_wrong and not _is_hidden(name):
                known = ", ".join(sorted(entry.name for entry in own.glob("*.jinja")))
                raise ProjectError(
                    f"{path} is no template that is used", hint=f"templates: {known}, runtime/*"
                )


def _read(path: Path, folder: Path) -> str:
    """Return the text of a file, which is in its folder whatever links lead there.

    Raises:
        ProjectError: It is elsewhere, or not UTF-8.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ProjectError(
            f"{path}: not allowed: it is a link out of {folder}",
            hint="put a copy there in place of the link",
        )
    try:
        return path.read_bytes().decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ProjectError(f"template {path.relative_to(folder)} is not UTF-8") from error


def _line_of(error: Exception) -> str:
    """Return where in a template an error was raised: Jinja puts it into the traceback."""
    lines = [
        line
        for frame, line in walk_tb(error.__traceback__)
        if frame.f_code.co_filename.endswith(".jinja")
    ]
    return f", line {lines[-1]}" if lines else ""


def _is_hidden(name: Path) -> bool:
    """Say whether a file is what editors, systems and Python put anywhere (see `state.hashes`)."""
    return any(part.startswith(".") or part == "__pycache__" for part in name.parts)


def _quoting(quote: Filter) -> Filter:
    """Return a filter that takes text of documents too."""

    def filtered(value: object, *arguments: object) -> str:
        return quote(value.text if isinstance(value, Untrusted) else value, *arguments)

    return filtered
