"""The repository's own workflows, its release, and what it asks of those who report problems."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from fal_codegen import __version__, toml
from workflows import fits_schema, run_step, validate

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
WRITTEN = ROOT / "generator/fal_codegen/commands/workflows"
"""The workflows that `init` writes."""

RELEASE = ROOT / ".github/workflows/release.yml"
PINNED = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    return found


def test_the_workflows_are_valid_and_safe() -> None:
    validate(*WORKFLOWS)


def test_an_action_has_one_version_in_all_workflows() -> None:
    versions: dict[str, set[tuple[str, str]]] = {}
    for path in (*WORKFLOWS, *WRITTEN.glob("*.yml")):
        for line in path.read_text("utf-8").splitlines():
            if "uses: " in line and "uses: $/" not in line:
                match = PINNED.search(line)
                assert match, f"{path.name}: {line.strip()} is not pinned to a commit and a version"
                versions.setdefault(match[1], set()).add((match[2], match[3]))
    assert {name: pins for name, pins in versions.items() if len(pins) > 1} == {}


def test_new_versions_of_actions_are_proposed_wherever_they_are_used() -> None:
    read = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text("utf-8"))
    actions, packages = read["updates"]
    assert actions["package-ecosystem"] == "github-actions"
    folders = {ROOT / folder.strip("/") for folder in actions["directories"]}
    assert folders == {ROOT, WRITTEN}  # the first stands for .github/workflows
    assert packages["package-ecosystem"] == "pip"
    for entry in read["updates"]:
        assert entry["cooldown"]["default-days"] >= 7


FORMS = [
    path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"
]


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("dependabot", [".github/dependabot.yml"]),
        ("github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
        ("github-issue-forms", FORMS),
    ],
)
def test_what_github_reads_is_valid(kind: str, files: list[str | Path]) -> None:
    fits_schema(kind, *(ROOT / file for file in files))


def test_who_reports_a_problem_is_asked_for_the_document_and_the_traceback() -> None:
    bug = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/bug.yml").read_text("utf-8"))
    required = {
        field["id"] for field in bug["body"] if field.get("validations", {}).get("required")
    }
    assert {"document", "debug"} <= required


def test_the_tests_run_on_every_supported_version() -> None:
    matrix = jobs(ROOT / ".github/workflows/ci.yml")["test"]["strategy"]["matrix"]
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    project = toml.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f">={matrix['python'][0]}" == project["requires-python"]
    minors = [int(version.removeprefix("3.")) for version in matrix["python"]]
    assert minors == [*range(minors[0], minors[-1] + 1)]


def test_ci_can_write_nothing() -> None:
    for job in jobs(ROOT / ".github/workflows/ci.yml").values():
        assert job["permissions"] == {"contents": "read"}


class TestRelease:
    def test_what_can_publish_runs_no_code_of_others(self) -> None:
        for name, job in jobs(RELEASE).items():
            can_write = "write" in job["permissions"].values()
            assert can_write == (name in ("pypi", "github"))
            text = json.dumps(job.get("steps", []))
            assert not (can_write and ("checkout" in text or "pip" in text.replace("pypi", "")))

    def test_nothing_is_published_before_the_tests_pass(self) -> None:
        assert jobs(RELEASE)["pypi"]["needs"] == ["test", "build"]
        assert jobs(RELEASE)["github"]["needs"] == "pypi"

    def test_the_files_that_were_built_are_published(self) -> None:
        texts = {name: json.dumps(job.get("steps")) for name, job in jobs(RELEASE).items()}
        assert [name for name, text in texts.items() if "run build" in text] == ["build"]
        for name in ("pypi", "github"):
            assert "download-artifact" in texts[name]


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """Return a copy of what the notes are made from."""
    for name in (".ci/release_notes.py", "generator/fal_codegen/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


CHANGELOG = f"""\
# Changelog

## Unreleased

Later.

## {__version__} - 2027-01-01

### Added

- A feature.

## 0.0.9 - 2026-01-01

- Earlier.
"""


@pytest.mark.posix
class TestNotes:
    """The step of `release` that compares the tag with the version, and makes the notes."""

    def notes(self, repository: Path, tag: str, changelog: str = CHANGELOG) -> str:
        (repository / "CHANGELOG.md").write_text(changelog, "utf-8")
        [step] = [s for s in jobs(RELEASE)["build"]["steps"] if "notes" in s.get("run", "")]
        environment = {"GITHUB_REF_NAME": tag, "RUNNER_TEMP": str(repository)}
        run_step(step["run"], repository, environment)
        return (repository / "notes.md").read_text("utf-8")

    def test_the_section_of_the_version(self, tagged: Path) -> None:
        assert self.notes(tagged, f"v{__version__}") == "### Added\n\n- A feature.\n"

    def test_the_last_section(self, tagged: Path) -> None:
        changelog = f"# Changelog\n\n## {__version__}\n\n- A feature.\n"
        assert self.notes(tagged, f"v{__version__}", changelog) == "- A feature.\n"

    @pytest.mark.parametrize(
        ("tag", "changelog", "message"),
        [
            ("v9.9.9", CHANGELOG, "the tag is v9.9.9, but generator/fal_codegen/__init__.py has"),
            (__version__, CHANGELOG, f"the tag is {__version__}, but"),
            (f"v{__version__}", "## Unreleased\n\n- A feature.\n", "rename Unreleased to it"),
            (f"v{__version__}", f"## {__version__}\n\n## 0.0.9\n\n- Earlier.\n", "no section for"),
        ],
    )
    def test_what_does_not_fit_stops_the_release(
        self, tagged: Path, tag: str, changelog: str, message: str
    ) -> None:
        with pytest.raises(subprocess.CalledProcessError) as failed:
            self.notes(tagged, tag, changelog)
        assert message in failed.value.stderr
        assert failed.value.stderr.count("\n") == 1
