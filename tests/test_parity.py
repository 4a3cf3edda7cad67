"""Clients of the golden documents accept exactly the valid inputs, and parse every result.

The same comparison as on genuine documents (see `corpus`), for the shapes that those lack.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from corpus.clients import Caller
from corpus.contract import Contract
from corpus.disagreements import load_rules
from corpus.generated import endpoints_of, generate
from corpus.outputs import Parsed, parse_all, results_of
from corpus.parity import Tally, compare, valid_inputs
from documents import document, obj, write
from fal_codegen.cli import run
from jsonschema_rs import Draft7Validator, Draft202012Validator

LEFT_OUT = {
    "clips": "a URL may stand for a file, which no document says",
    "hostile": "its texts hold half characters, which a validator cannot read",
    "inheritance": "no object of an allOf can be closed by itself, so nothing would be valid",
    "null_examples": "its examples are not valid, and decide",
    "objects": "a component that contains itself accepts any value, which is recorded",
    "odd_pages": "no string that the samples hold fits its pattern",
    "one_way": "a validator does not know which way a value travels",
    "unchecked": "what it asks is left to the server, which is on record",
    "repairs": "it is not valid, so it says nothing to agree with",
}
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
VALID: dict[str, tuple[dict[str, Any], Any]] = {
    "more_items": ({"type": "array", "prefixItems": [TEXT]}, ["a", 1]),
    "some_more_items": (
        {"type": "array", "prefixItems": [TEXT], "minItems": 1, "maxItems": 3},
        ["a", 1],
    ),
    "other_items": ({"type": "array", "prefixItems": [TEXT], "items": WHOLE}, ["a", 1, 2]),
    "additional_items": ({"type": "array", "items": [TEXT], "additionalItems": WHOLE}, ["a", 1]),
    "names_by_pattern": (
        {
            "type": "object",
            "additionalProperties": {"type": "boolean"},
            "patternProperties": {"b": WHOLE},
        },
        {"a": True, "b": 3},
    ),
}
"""Schemas that typed schemas cannot express, each with a valid value."""
DOCUMENTS = sorted(
    path
    for path in (Path(__file__).parent / "goldens").glob("*/documents/*.json")
    if path.parents[1].name not in LEFT_OUT
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate one project from all of them."""
    folder = tmp_path_factory.mktemp("parity")
    (folder / "documents").mkdir()
    for path in DOCUMENTS:
        shutil.copy(path, folder / "documents")
    assert generate(folder / "project", folder / "documents", "golden_endpoints") == {}
    return folder / "project"


@pytest.fixture(scope="module")
def package(project: Path) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(project / "generated/python"))
        yield importlib.import_module("golden_endpoints")


@pytest.fixture(scope="module")
def endpoints(package: ModuleType) -> Mapping[str, Any]:
    return endpoints_of(package)


@pytest.fixture(scope="module")
def repairs(project: Path) -> list[str]:
    """Return the lines of `list --repairs`."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert run(["list", "--repairs", "--project", str(project)]) == 0
    return said.getvalue().splitlines()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_client_and_document_accept_the_same_inputs(
    path: Path, package: ModuleType, endpoints: Mapping[str, Any], repairs: list[str]
) -> None:
    contract, tally, rules = Contract.read(path), Tally(), load_rules()
    repaired = {
        step for line in repairs if f" {contract.id} at " in line for step in line.split("/")
    }
    with package.Fal(key="none") as client:
        caller = Caller(endpoints[contract.id](client))
        compare(contract, caller, package.ValidationError, tally)
    unexplained = [
        found
        for found in tally.disagreements
        if found.place.partition("/")[0] not in repaired
        and not any(rule.explains(found) for rule in rules)
    ]
    assert not unexplained, "\n".join(map(str, unexplained))
    assert tally.taken.total() > 0


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_result_is_parsed_whole(
    path: Path, package: ModuleType, endpoints: Mapping[str, Any]
) -> None:
    contract, parsed = Contract.read(path), Parsed()
    with package.Fal(key="none") as client:
        endpoint = endpoints[contract.id](client)
        parse_all(contract, endpoint, package.UnexpectedResponse, parsed)
    assert not parsed.failures, "\n".join(parsed.failures)
    assert parsed.whole.total() > 0


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_tools_for_agents_have_schemas_that_fit(
    path: Path, package: ModuleType, endpoints: Mapping[str, Any]
) -> None:
    schemas = importlib.import_module(f"{package.__name__}._runtime.mcp_server.json_schemas")
    results = importlib.import_module(f"{package.__name__}._runtime.mcp_server.results")
    contract = Contract.read(path)
    with package.Fal(key="none") as client:
        endpoint = endpoints[contract.id](client)
        given = Draft202012Validator(schemas.input_schema(endpoint, has_folder=True))
        returned = Draft202012Validator(schemas.output_schema(endpoint))
        for value in valid_inputs(contract, Caller(endpoint), package.ValidationError):
            given.validate(value)
        for value in results_of(contract):
            body = json.dumps({"request_id": "1", "status": "OK", "payload": value})
            returned.validate(
                results.structured(endpoint.parse_webhook(body).output, endpoint.types.output)
            )


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Return a client whose endpoint has a property for each schema of `VALID`."""
    schemas = obj({name: schema for name, (schema, _) in VALID.items()}, required=[])
    folder = tmp_path_factory.mktemp("lenient")
    source = write(folder / "documents", document(input=schemas, output=schemas))
    assert generate(folder / "project", source, "lenient_endpoints") == {}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder / "project/generated/python"))
        yield importlib.import_module("lenient_endpoints")


@pytest.mark.parametrize("name", VALID)
def test_what_cannot_be_expressed_is_checked_less_and_not_more(
    lenient: ModuleType, name: str
) -> None:
    schema, value = VALID[name]
    dialect = Draft7Validator if "additionalItems" in schema else Draft202012Validator
    assert dialect(schema).is_valid(value)
    with lenient.Fal(key="none") as client:
        assert client.acme.blender(**{name: value}).payload == {name: value}
        body = json.dumps({"request_id": "1", "status": "OK", "payload": {name: value}})
        assert client.acme.blender.parse_webhook(body).output.model_dump(exclude_unset=True) == {
            name: value
        }
