"""Render: Jinja templates to text, with document text kept from being printed as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fal_codegen.errors import ProjectError

if TYPE_CHECKING:
    import jinja2

Filter = Callable[..., str]


class Untrusted(str):
    """Text from a document: a template can print it only through a quoting filter."""

    __slots__ = ()


class Templates:
    """The templates of one target: the project's own where it has them, else those of the tool.

    Args:
        folders: Folders to look in, first one first.
        filters: The target's quoting filters.
    """

    def __init__(self, folders: Sequence[Path], filters: Mapping[str, Filter]) -> None:
        self._folders = folders
        _refuse_unknown(folders)
        self._filters = filters
        self._environment: jinja2.Environment | None = None

    def render(self, name: str, **context: Any) -> str:
        """Render one template.

        Raises:
            ProjectError: The template is missing or wrong, or prints document text unquoted.
        """
        import jinja2

        try:
            return self._jinja().get_template(name).render(**context)
        except jinja2.TemplateSyntaxError as error:
            raise ProjectError(
                f"template {error.filename or name}, line {error.lineno}: {error.message}"
            ) from error
        except jinja2.TemplateNotFound as error:
            raise ProjectError(f"there is no template {error.name}") from error
        except UnicodeDecodeError as error:
            raise ProjectError(f"template {name} is not UTF-8") from error
        except Exception as error:  # whatever a template of the user's own may run into
            raise ProjectError(f"template {name}: {error or type(error).__name__}") from error

    def files(self, folder: str, suffix: str) -> dict[str, str]:
        """Return the files below a folder that are copied rather than rendered, by their path.

        Raises:
            ProjectError: One of them cannot be read as UTF-8.
        """
        found: dict[str, str] = {}
        for root in reversed(self._folders):
            for path in sorted((root / folder).rglob(f"*{suffix}")):
                if _is_hidden(path.relative_to(root)):
                    continue
                try:
                    text = path.read_bytes().decode()
                except UnicodeDecodeError as error:
                    raise ProjectError(f"{path} is not UTF-8") from error
                found[path.relative_to(root / folder).as_posix()] = text.replace("\r\n", "\n")
        return dict(sorted(found.items()))

    def _jinja(self) -> jinja2.Environment:
        import jinja2

        if self._environment is None:
            self._environment = jinja2.Environment(
                loader=jinja2.FileSystemLoader([str(folder) for folder in self._folders]),
                undefined=jinja2.StrictUndefined,
                finalize=_refuse_untrusted,
                trim_blocks=True,
                lstrip_blocks=True,
                keep_trailing_newline=True,
            )
            self._environment.filters.update(self._filters)
        return self._environment


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


def _is_hidden(name: Path) -> bool:
    """Say whether a file is what editors, systems and Python put anywhere (see `state.hashes`)."""
    return any(part.startswith(".") or part == "__pycache__" for part in name.parts)


def _refuse_untrusted(value: object) -> object:
    if isinstance(value, Untrusted):
        raise UnquotedTextError(
            f"prints text of a document without a quoting filter: {str(value)[:60]!r}"
        )
    return value
