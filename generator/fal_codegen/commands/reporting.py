"""Reports of what changed in documents, as several commands print them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from fal_codegen.console import Console
from fal_codegen.drift import Level
from fal_codegen.drift.formats import FORMATS, POINTING, render
from fal_codegen.drift.places import lines_of
from fal_codegen.drift.report import DriftReport
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project.revisions import folder_in_repository

_THRESHOLDS: Mapping[str, Level] = {
    "breaking": Level.BREAKING,
    "behavioural": Level.BEHAVIOURAL,
    "additive": Level.ADDITIVE,
    "price": Level.PRICE,
    "any": Level.COSMETIC,
}

TextOf = Callable[[str], bytes | None]
"""Returns the text of an endpoint's document, for the lines of changes; None if there is none."""


def add_format(parser: ArgumentParser) -> None:
    """Add `--format`."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="format of the report (default: %(default)s)",
    )


def add_fail_on(parser: ArgumentParser) -> None:
    """Add `--fail-on`."""
    parser.add_argument(
        "--fail-on",
        choices=_THRESHOLDS,
        default="any",
        help="exit with 1 if a change has this level or a more severe one; a breaking change "
        "always exits with 3 (default: %(default)s)",
    )


def print_report(
    report: DriftReport, project: Path | None, text_of: TextOf, options: Namespace, console: Console
) -> None:
    """Print a report in the format that the user chose.

    Args:
        report: What changed.
        project: The project that the documents belong to, if any.
        text_of: Returns documents, for formats that point at lines of files.
        options: The arguments; `format` is one of them.
        console: Where to print.
    """
    if options.format in POINTING:
        report = _with_lines(report, project, text_of)
    console.write(render(report, options.format, colour=console.is_coloured))


def exit_code(report: DriftReport, options: Namespace) -> ExitCode:
    """Return the exit code of a command with `--fail-on`.

    Returns:
        `FAILURE` if an endpoint could not be compared; else `BREAKING` if a change breaks callers;
        else `DIFFERENCE` if one is at or above the threshold; else `SUCCESS`.
    """
    if report.failures:
        return ExitCode.FAILURE
    if report.level is Level.BREAKING:
        return ExitCode.BREAKING
    is_reached = report.level >= _THRESHOLDS[options.fail_on]
    return ExitCode.DIFFERENCE if is_reached else ExitCode.SUCCESS


def _with_lines(report: DriftReport, project: Path | None, text_of: TextOf) -> DriftReport:
    """Return a report with the line of each change, and the project's folder."""
    lines: dict[str, int] = {}
    for of_endpoint in report.reports:
        text = (text_of(of_endpoint.endpoint) or b"").decode("utf-8", "replace")
        lines |= lines_of(of_endpoint.changes, text)
    return replace(report, folder=folder_in_repository(project) if project else "", lines=lines)
