"""How fal handles a request and its files: options of clients and calls, as they are sent."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.journal import JournalEntry
from fal_endpoints import ACL, ConfigurationError, Fal, RateLimitError, Retries

from .collage import Collage
from .conftest import KEY, Call
from .tuned import IN_PARTS, tuned_client
from .uploaded import LARGE, PNG, URL, sent

ALL: dict[str, Any] = {
    "store_io": False,
    "no_retry": True,
    "expires_in": timedelta(hours=1),
    "acl": ACL("forbid", {"my-teammate": "allow"}),
    "tags": {"team": "design", "env": "a=b c"},
    "max_queue_length": 5,
}
RULES = [{"user": "my-teammate", "decision": "allow"}]
LIFECYCLE = {
    "expiration_duration_seconds": 3600,
    "initial_acl": {"default": "forbid", "rules": RULES},
}
OPERATION = {"submit": "submit", "subscribe": "submit", "map": "submit", "run": "run"}
METHODS = ["submit", "subscribe", "run", "stream", "map"]
UPLOADED = [{"image_url": LARGE}]


def handled(entry: JournalEntry) -> dict[str, Any]:
    """Return what a submission or an upload says about its handling."""
    names = ("store-io", "no-retry", "tags", "object-lifecycle", "object-lifecycle-preference")
    found = {name: entry.headers.get(f"x-fal-{name}") for name in names}
    result: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    for name in ("object-lifecycle", "object-lifecycle-preference"):
        if name in result:
            result[name] = json.loads(result[name])
    return result | ({"query": entry.query} if entry.operation != "upload" and entry.query else {})


IN_ALL = {
    "store-io": "0",
    "no-retry": "1",
    "tags": "team=design,env=a=b c",
    "object-lifecycle-preference": LIFECYCLE,
    "query": "fal_max_queue_length=5",
}
OF_FILES = {"object-lifecycle": LIFECYCLE, "object-lifecycle-preference": LIFECYCLE}


def send(
    call: Call, client: Fal, method: str, emulator: Emulator, **options: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return how a call and the upload on its way asked to be handled."""
    emulator.reset()
    collage = Collage(client)
    if method == "map":
        (outcome,) = call(collage.map, [{"layers": UPLOADED}], **options)
        outcome.result()
    else:
        call(getattr(collage(layers=UPLOADED), method), **options)
    (submitted,) = emulator.journal.select(OPERATION.get(method, method))
    (initiated,) = emulator.journal.select("upload", method="POST")
    return handled(submitted), handled(initiated)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_sends_them_for_results_and_uploads(
    client: Fal, call: Call, emulator: Emulator, method: str
) -> None:
    assert send(call, client, method, emulator, **ALL) == (IN_ALL, OF_FILES)
    assert send(call, client, method, emulator) == ({}, {})


@pytest.mark.parametrize("method", METHODS)
def test_the_client_sets_them_for_every_call_and_a_call_takes_them_back(
    call: Call, emulator: Emulator, method: str
) -> None:
    with Fal(KEY, base_url=emulator.base_url, **ALL) as client:
        assert send(call, client, method, emulator) == (IN_ALL, OF_FILES)
        back = dict.fromkeys(ALL)
        assert send(call, client, method, emulator, **back) == ({}, {})
        own = {"expires_in": 60, "store_io": True, "acl": "hide", "tags": {}, "no_retry": False}
        lifecycle = {
            "expiration_duration_seconds": 60,
            "initial_acl": {"default": "hide", "rules": []},
        }
        submitted, uploaded = send(call, client, method, emulator, **own)
        assert submitted == {
            "store-io": "1",
            "object-lifecycle-preference": lifecycle,
            "query": "fal_max_queue_length=5",
        }
        assert uploaded["object-lifecycle"] == lifecycle


def test_an_upload_of_its_own(call: Call, emulator: Emulator) -> None:
    with Fal(KEY, base_url=emulator.base_url, expires_in=3600, store_io=False) as client:
        for options in ({}, {"acl": "forbid"}, {"expires_in": None}):
            call(client.upload, LARGE, **options)
    lifecycles = [
        handled(entry).get("object-lifecycle")
        for entry in emulator.journal.select("upload", method="POST")
    ]
    forbidden = {"default": "forbid", "rules": []}
    assert lifecycles == [
        {"expiration_duration_seconds": 3600},
        {"expiration_duration_seconds": 3600, "initial_acl": forbidden},
        None,
    ]


def test_an_upload_in_parts(call: Call, emulator: Emulator) -> None:
    with tuned_client(IN_PARTS, base_url=emulator.base_url) as client:
        call(client.upload, LARGE, expires_in=60)
    initiated, *others = emulator.journal.select("upload", method="POST")
    assert initiated.path.endswith("/initiate-multipart")
    assert handled(initiated)["object-lifecycle"] == {"expiration_duration_seconds": 60}
    assert [handled(other) for other in others] == [{}]


@pytest.mark.parametrize(
    ("options", "is_inline"),
    [
        ({}, True),
        ({"store_io": False}, True),
        ({"expires_in": 60}, False),
        ({"acl": "forbid"}, False),
        ({"acl": "forbid", "store_io": False}, True),
    ],
)
def test_a_small_file_that_fal_would_keep_with_the_request_is_uploaded(
    collage: Collage, call: Call, emulator: Emulator, options: dict[str, Any], is_inline: bool
) -> None:
    call(collage(layers=[{"image_url": PNG}]).submit, **options)
    url = sent(emulator)["layers"][0]["image_url"]
    assert url.startswith("data:") == is_inline


def test_headers_of_the_caller_replace_those_of_options(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    headers = {"x-fal-store-io": "1", "X-FAL-TAGS": "a=b"}
    call(collage(layers=[]).submit, headers=headers, store_io=False, tags={"team": "design"})
    (submitted,) = emulator.journal.select("submit")
    assert handled(submitted) == {"store-io": "1", "tags": "a=b"}


def test_the_webhook_and_the_length_of_the_queue_share_a_query(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    call(collage(layers=[]).submit, webhook_url="http://127.0.0.1:9/?a=b", max_queue_length=0)
    (submitted,) = emulator.journal.select("submit")
    assert submitted.query == (
        "fal_webhook=http%3A%2F%2F127.0.0.1%3A9%2F%3Fa%3Db&fal_max_queue_length=0"
    )


def test_a_queue_that_is_too_long(emulator: Emulator, call: Call) -> None:
    client = Fal(KEY, base_url=emulator.base_url, retries=Retries(attempts=1))
    request, full = Collage(client)(layers=[]), {"X-Emulate": "ahead=3, queued=5"}
    call(request.submit, headers=full, max_queue_length=3)
    with pytest.raises(RateLimitError, match="The queue is longer"):
        call(request.submit, headers=full, max_queue_length=2)


def test_a_request_takes_the_options_of_its_client_to_another_process(
    call: Call, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
    monkeypatch.setenv("FAL_KEY", KEY)
    with Fal(**ALL) as client:
        request = pickle.loads(pickle.dumps(Collage(client)(layers=UPLOADED)))
    call(request.submit)
    (submitted,) = emulator.journal.select("submit")
    (initiated,) = emulator.journal.select("upload", method="POST")
    assert (handled(submitted), handled(initiated)) == (IN_ALL, OF_FILES)


def test_the_command_of_a_request_has_the_options_of_its_client() -> None:
    command = Collage(Fal(KEY, **ALL))(layers=[]).curl()
    assert "-H 'X-Fal-Store-IO: 0'" in command
    assert f"-H 'X-Fal-Object-Lifecycle-Preference: {json.dumps(LIFECYCLE)}'" in command
    assert f"/{Collage.endpoint_id}?fal_max_queue_length=5'" in command


WRONG: Any = "no"
ACLS = ["private", {"default": "forbid"}, ["hide"], ACL(WRONG), ACL("hide", {"": "allow"})]
LIFETIME = "a whole number of seconds from 1, or a timedelta"
INVALID = [
    ("store_io", 0, "True, False or None"),
    ("no_retry", "yes", "True, False or None"),
    *(("expires_in", value, LIFETIME) for value in (0, -1, 1.5, "1h", True, 2**31)),
    *(("expires_in", timedelta(seconds=value), LIFETIME) for value in (0, 0.9, -60)),
    *(("acl", value, "'allow', 'forbid', 'hide' or an ACL of these") for value in ACLS),
    *(("max_queue_length", value, "an integer of at least 0") for value in (-1, 1.5, "5", True)),
    *(
        ("tags", value, "a mapping of at most 10 keys")
        for value in (
            "team=design",
            {"Team": "x"},
            {"fal.team": "x"},
            {"": "x"},
            {"k" * 65: "x"},
            {"team": 1},
            {"team": "a,b"},
            {"team": "é"},
            {"team": "a\nb"},
            {"team": " a"},
            {"team": "x" * 257},
            {f"k{number}": "x" for number in range(11)},
            {f"k{number}": "x" * 256 for number in range(4)},
        )
    ),
]


@pytest.mark.parametrize(("option", "value", "expected"), INVALID)
def test_an_invalid_option_is_rejected_before_anything_is_sent(
    client: Fal, collage: Collage, emulator: Emulator, option: str, value: Any, expected: str
) -> None:
    invalid: dict[str, Any] = {option: value}
    request = collage(layers=UPLOADED)
    calls: list[Callable[[], object]] = [
        lambda: Fal(KEY, **invalid),
        lambda: collage.map([{"layers": UPLOADED}], **invalid),
        *(lambda method=method: getattr(request, method)(**invalid) for method in METHODS[:-1]),
    ]
    if option in ("expires_in", "acl"):
        calls.append(lambda: client.upload(LARGE, **invalid))
    for make in calls:
        with pytest.raises(ConfigurationError, match=f"^{option} should be {expected}"):
            make()
    assert not list(emulator.journal)


@pytest.mark.parametrize(
    "tags",
    [
        {"a.b_c-9": ""},
        {"k" * 64: "v" * 256},
        {f"k{number}": "!~ =" for number in range(10)},
    ],
)
def test_tags_up_to_the_limits_of_fal(
    collage: Collage, call: Call, emulator: Emulator, tags: dict[str, str]
) -> None:
    call(collage(layers=[{"image_url": URL}]).submit, tags=tags)
    (submitted,) = emulator.journal.select("submit")
    assert dict(pair.split("=", 1) for pair in submitted.headers["x-fal-tags"].split(",")) == tags


def test_an_option_that_does_not_exist(client: Fal) -> None:
    misspelt: Any = {"store_oi": False}
    of_requests: Any = {"tags": {}}
    with pytest.raises(TypeError, match="Fal\\(\\) has no option 'store_oi'"):
        Fal(KEY, **misspelt)
    with pytest.raises(TypeError, match=r"upload\(\) has no option 'tags'"):
        client.upload(LARGE, **of_requests)
