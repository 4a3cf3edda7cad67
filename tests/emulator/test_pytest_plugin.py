"""The pytest fixture, in a user's project."""

from __future__ import annotations

import json

import pytest

from .documents import document

pytest_plugins = ["pytester"]

TESTS = """
    import httpx

    def test_it_serves_the_documents(fal_emulator):
        url = f"{fal_emulator.base_url}/queue/acme/mine"
        assert httpx.post(url, json={}, headers={"Authorization": "Key any"}).status_code == 200
        assert fal_emulator.journal.count("submit") == 1

    def test_each_test_finds_it_fresh(fal_emulator):
        assert len(fal_emulator.journal) == len(fal_emulator.queue) == 0
"""


# By its module, so that it is loaded once, whether or not the package is installed.
PLUGIN = ("-p", "no:fal_emulator", "-p", "fal_codegen.emulator.pytest_plugin")


def run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=2)


def test_the_documents_below_specs_are_served(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("specs") / "acme"
    folder.mkdir()
    (folder / "mine.json").write_text(json.dumps(document("acme/mine")))
    pytester.makepyfile(TESTS)
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=2)


def test_the_documents_that_the_ini_option_names_are_served(pytester: pytest.Pytester) -> None:
    (pytester.path / "mine.json").write_text(json.dumps(document("acme/mine")))
    pytester.makeini("[pytest]\nfal_emulator_documents = mine.json")
    run(pytester)


def test_the_documents_of_an_overriding_fixture_are_served(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        f"""
        import json, pytest

        @pytest.fixture(scope="session")
        def fal_emulator_documents():
            return [json.loads({json.dumps(document("acme/mine"))!r})]
        """
    )
    run(pytester)
