"""`doctor`: check the installation, the project and the network settings."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from fal_codegen.commands.common_arguments import add_json, add_project, project_of
from fal_codegen.commands.json_results import DoctorResult, print_json
from fal_codegen.console import Console
from fal_codegen.diagnosis import Finding, problem
from fal_codegen.diagnosis.environment import environment
from fal_codegen.diagnosis.network import network, online
from fal_codegen.diagnosis.project import project_findings
from fal_codegen.errors import CodegenError, ProjectError
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import declaration as declare

EXAMPLE = "fal-codegen doctor --online"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `doctor`."""
    add_project(parser)
    parser.add_argument(
        "--online",
        action="store_true",
        help="also send a request to each address that documents are fetched from",
    )
    add_json(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Report what was found, with the next step for each warning and problem; write nothing."""
    findings = tuple(_findings(options))
    is_healthy = all(finding.status != "problem" for finding in findings)
    if options.json:
        print_json(DoctorResult(is_healthy, findings), console)
    else:
        for finding in findings:
            console.say(f"{finding.status:<7}  {finding.subject}: {finding.detail}")
            if finding.next_step:
                console.say(f"{'':<7}    {finding.next_step}")
    return ExitCode.SUCCESS if is_healthy else ExitCode.FAILURE


def _findings(options: Namespace) -> Iterator[Finding]:
    yield from environment()
    declaration = declare.parse("")
    try:
        project = project_of(options)
    except ProjectError:
        yield Finding("project", "warning", "there is none in this folder", "fal-codegen init")
    else:
        yield Finding("project", "ok", str(project))
        try:
            declaration = declare.load(project)
        except (CodegenError, OSError) as error:
            yield problem("declaration", error)
        else:
            yield from project_findings(project, declaration)
    yield from network(declaration.endpoints, declaration.fetch)
    if options.online:
        yield from online(declaration.fetch)
