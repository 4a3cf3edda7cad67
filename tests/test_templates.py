"""Templates of a project can produce text, and do nothing else on the machine that generates."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fal_codegen.targets.registry import BUILTIN
from projects import DECLARATION, Cli, edit

TEMPLATE = "templates/python/README.md.jinja"

ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('touch pwned').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ settings.__class__.__init__.__globals__ }}",
    "{{ [settings]|map(attribute='__class__')|first }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(settings) }}",
    "{{ '{x.__class__}'.format_map({'x': settings}) }}",
    "{% set f = ''.format %}{{ f.__self__ }}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}{{ m._func }}",
    "{% for x in range(10**9) %}{% endfor %}",
    "{% for x in range(1000000) %}{% endfor %}",
    "{{ 'x' * 10000000000 }}",
    "{{ [1] * 10000000000 }}",
    "{{ 9 ** 99999999 }}",
    "{{ lipsum(n=100000000) }}",
    "{{ calls.append(1) }}",
    "{% include '../../../../../../../../etc/passwd' %}",
    "{% include '/etc/passwd' %}",
    "{% include '../../specs/endpoints.toml' %}",
    "{% import '..\\\\..\\\\specs\\\\endpoints.toml' as x %}{{ x }}",
]


def refused(cli: Cli, project: Path, *said: str) -> None:
    """Assert that neither command renders the project's template, and that both report why."""
    for command in ("generate", "check"):
        ran = cli(command, "--project", project)
        assert ran.code == 2, ran.out
        assert "Traceback" not in ran.err
        assert all(part in ran.err for part in said), ran.err


@pytest.mark.parametrize("template", ESCAPES)
def test_a_template_does_not_get_out_of_its_sandbox(filled: Path, cli: Cli, template: str) -> None:
    own = filled / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_text(f"one\n{template}\n", "utf-8")
    refused(cli, filled, "README.md.jinja")
    assert not Path("pwned").exists()


@pytest.mark.parametrize("template", ESCAPES[:2])
def test_an_escape_is_told_with_its_place(filled: Path, cli: Cli, template: str) -> None:
    own = filled / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_text(f"one\n{template}\n", "utf-8")
    place = f"error: target 'python': template {own}, line 2: not allowed"
    refused(cli, filled, place, "'__class__'", "sandbox")


def test_an_error_without_words_is_told_by_its_name(filled: Path, cli: Cli) -> None:
    own = filled / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_text("{{ 'x'.ljust(9000000000000000000) }}", "utf-8")
    refused(cli, filled, f"target 'python': template {own}, line 1: MemoryError\n")


def test_an_error_names_the_included_template(filled: Path, cli: Cli) -> None:
    own = filled / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_text("{% include 'header.jinja' %}", "utf-8")
    header = own.with_name("header.jinja")
    header.write_text("\n{{ nothing }}", "utf-8")
    refused(cli, filled, f"target 'python': template {header}, line 2: 'nothing' is undefined")


def test_a_folder_of_no_target_is_an_error_that_lists_all(filled: Path, cli: Cli) -> None:
    (filled / "templates/pyton").mkdir(parents=True)
    targets = f"targets: {', '.join(sorted(BUILTIN))}\n"
    refused(cli, filled, "templates/pyton/ overrides the templates of no target", targets)


def test_folders_of_other_targets_and_hidden_ones_are_ignored(filled: Path, cli: Cli) -> None:
    for name in ("docs", ".git", "__pycache__"):
        (filled / "templates" / name).mkdir(parents=True)
    assert cli("generate", "--project", filled).code == 0


def link_file(outside: Path, own: Path) -> None:
    own.parent.mkdir(parents=True)
    own.symlink_to(outside / "secret")


def link_runtime(outside: Path, own: Path) -> None:
    runtime = own.parent / "runtime"
    runtime.mkdir(parents=True)
    (runtime / "curl.py").symlink_to(outside / "secret")


def link_folder(outside: Path, own: Path) -> None:
    own.parent.mkdir(parents=True)
    (outside / "curl.py").write_text("secret")
    (own.parent / "runtime").symlink_to(outside)
    own.write_text("{% include 'runtime/curl.py' %}")


def link_target(outside: Path, own: Path) -> None:
    own.parent.parent.mkdir()
    own.parent.symlink_to(outside)


def link_all(outside: Path, own: Path) -> None:
    own.parent.parent.symlink_to(outside)


@pytest.mark.parametrize("link", [link_target, link_all])
def test_a_folder_of_templates_is_no_link_out_of_the_project(
    filled: Path, cli: Cli, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    (outside / "python").mkdir(parents=True)
    link(outside, filled / TEMPLATE)
    refused(cli, filled, "templates/python is outside the project: a link leads to", "remove")


@pytest.mark.parametrize("link", [link_file, link_runtime, link_folder])
def test_a_template_is_no_link_to_other_files(
    filled: Path, cli: Cli, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("the secret")
    link(outside, filled / TEMPLATE)
    refused(cli, filled, "not allowed", "link")


@pytest.mark.posix
def test_a_template_is_a_regular_file(filled: Path, cli: Cli) -> None:
    """Otherwise, the tool's own would silently take the place of an override."""
    own = filled / TEMPLATE
    own.parent.mkdir(parents=True)
    for make in (os.mkfifo, lambda path: path.symlink_to("nowhere")):
        make(own)
        refused(cli, filled, f"{own} is not a regular file")
        own.unlink()


@pytest.mark.parametrize(
    "expression",
    ["{}", "{} ~ ''", "{}|upper", "{}|e", "{}|trim", "'%s' % {}", "'{{}}'.format({})", "[{}]|join"],
)
def test_text_of_a_document_is_printed_through_a_quoting_filter_only(
    filled: Path, cli: Cli, expression: str
) -> None:
    edit(filled / DECLARATION, new='\n[targets.docs]\noutput = "generated/docs"\n')
    own = filled / "templates/docs/endpoint.md.jinja"
    own.parent.mkdir(parents=True)
    own.write_text(f"{{{{ {expression.format('page.about')} }}}}", "utf-8")
    refused(cli, filled, "without a quoting filter")


def test_a_project_s_own_template_has_what_templates_need(filled: Path, cli: Cli) -> None:
    own = filled / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_text(
        "{% set seen = namespace(n=0) %}{% for id, call in calls %}"
        "{% set seen.n = seen.n + 1 %}{{ loop.cycle('a', 'b') }} {{ id.upper() }} {{ '=' * 3 }}\n"
        "{% endfor %}{{ seen.n }} {{ '%s-%s'|format(1, 2) }} {{ '{}'.format(3) }} "
        "{{ range(3)|join }}",
        "utf-8",
    )
    assert cli("generate", "--project", filled).code == 0
    made = (filled / "generated/python/README.md").read_text("utf-8")
    assert "a ACME/BLENDER ===\n" in made
    assert made.endswith("1-2 3 012")
