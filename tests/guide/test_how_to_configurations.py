"""Files of other tools on how-to pages: docker compose and GitLab."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import httpx
import pytest
import yaml

from .examples import ROOT, Page

pytestmark = pytest.mark.guide

SCRIPTS = Path(sysconfig.get_path("scripts"))
COMPOSE = Page(ROOT / "docs/how-to/docker-compose.md").file("compose.yaml").source
GITLAB = Page(ROOT / "docs/how-to/drift-in-ci.md").file(".gitlab-ci.yml").source


@pytest.mark.parametrize(
    ("schema", "source"),
    [("vendor.compose-spec", COMPOSE), ("vendor.gitlab-ci", GITLAB)],
    ids=["compose", "gitlab"],
)
def test_they_are_valid(schema: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(source, "utf-8")
    ran = subprocess.run(
        [SCRIPTS / "check-jsonschema", "--builtin-schema", schema, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_service_becomes_healthy_and_answers_its_neighbours(tmp_path: Path) -> None:
    service, app = (yaml.safe_load(COMPOSE)["services"][name] for name in ("fal", "app"))
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    program, *arguments = shlex.split(service["command"])
    command = [SCRIPTS / program, *arguments, "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as emulator:
        try:
            assert emulator.stdout is not None
            url = emulator.stdout.readline().split()[4]
            _, _, *check = service["healthcheck"]["test"]
            script = check[-1].replace("http://127.0.0.1:8321", url)
            subprocess.run([sys.executable, "-c", script], check=True)
            host = app["environment"]["FAL_BASE_URL"].removeprefix("http://")
            assert host == "fal:8321"
            for name, status in ((host, 200), ("other", 421)):
                answer = httpx.get(f"{url}/rest/.well-known/jwks.json", headers={"Host": name})
                assert answer.status_code == status
        finally:
            emulator.terminate()
