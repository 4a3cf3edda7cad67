"""`diff`: report what changed between documents, folders or git revisions, offline."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from fal_codegen.commands.common_arguments import (
    add_project,
    named_path,
    project_if_any,
    project_of,
)
from fal_codegen.commands.comparing import DriftContext
from fal_codegen.commands.reporting import add_fail_on, add_format, exit_code, print_report
from fal_codegen.console import Console
from fal_codegen.drift.formats import POINTING
from fal_codegen.drift.pairing import Pairing, paired
from fal_codegen.drift.report import DriftReport, compare_all
from fal_codegen.errors import UsageError
from fal_codegen.exit_codes import ExitCode
from fal_codegen.fetch.local_documents import read_document
from fal_codegen.paths import documents_below
from fal_codegen.project import revisions

EXAMPLE = """\
fal-codegen diff before.json after.json
fal-codegen diff --rev v1.0..HEAD"""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `diff`."""
    add_project(parser)
    parser.add_argument(
        "old", nargs="?", type=named_path, metavar="OLD", help="a document or a folder"
    )
    parser.add_argument(
        "new", nargs="?", type=named_path, metavar="NEW", help="the newer of the two"
    )
    parser.add_argument("--rev", metavar="A..B", help="compare specs/ of two git revisions instead")
    add_format(parser)
    add_fail_on(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Compare documents on disk, or of two git revisions."""
    if options.rev is not None:
        if options.old is not None:
            raise UsageError("--rev compares vendored documents, so it excludes OLD and NEW")
        return _compare_revisions(project_of(options), options, console)
    if options.old is None:
        raise UsageError("nothing to compare", hint="name two documents or folders, or use --rev")
    if options.new is None:
        raise UsageError(
            f"nothing to compare {options.old} with",
            hint="name a second document or folder; to compare it with the vendored documents: "
            f"fal-codegen drift --from {options.old}",
        )
    return _compare_paths(project_if_any(options), options, console)


def _compare_revisions(project: Path, options: Namespace, console: Console) -> ExitCode:
    old, new = (
        revisions.documents(project, revision) for revision in revisions.parse_range(options.rev)
    )
    result = _compare(paired(old, new), DriftContext.load(project))
    print_report(result, project, lambda id_: new.get(f"{id_}.json"), options, console)
    return exit_code(result, options)


def _compare_paths(project: Path | None, options: Namespace, console: Console) -> ExitCode:
    context = DriftContext.load(project) if project else DriftContext()
    old, new = _documents(options.old), _documents(options.new)
    pairing = paired(old, new)
    result = _compare(pairing, context)
    if options.format in POINTING:
        before = _in_repository(options.old, old, pairing.old_paths)
        after = _in_repository(options.new, new, pairing.new_paths)
        result = replace(result, files=before | after)

    def text_of(name: str) -> bytes | None:
        path = pairing.new_paths.get(name)
        return None if path is None else new[path]

    print_report(result, project, text_of, options, console)
    return exit_code(result, options)


def _in_repository(
    source: Path, documents: Iterable[str], paths: Mapping[str, str]
) -> dict[str, str]:
    """Return the path of each document in its repository, by its path and by its pair's name."""
    found = {
        path: revisions.path_in_repository(source / path if path else source) for path in documents
    }
    return found | {name: found[path] for name, path in paths.items()}


def _compare(pairing: Pairing, context: DriftContext) -> DriftReport:
    return compare_all(
        pairing.pairs,
        failures=pairing.failures,
        exemptions=context.exemptions,
        history=context.history,
    )


def _documents(path: Path) -> dict[str, bytes]:
    """Read a document, or every document of a folder, by path below it.

    Raises:
        UsageError: No document is found.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist", hint="name a document or a folder of documents")
    if not path.is_dir():
        return {"": read_document(path)}
    documents = {
        file.relative_to(path).as_posix(): read_document(file) for file in documents_below(path)
    }
    if not documents:
        raise UsageError(f"{path} has no documents (*.json)")
    return documents
