"""A program that hands requests and a handle to other processes; the argument says how.

It prints as JSON what the requests came to, and what of a failure arrives.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from fal_endpoints import Fal, FalError, Handle, ModelError, Request

A = TypeVar("A")
T = TypeVar("T")

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@contextmanager
def mapping(way: str) -> Generator[Map, None, None]:
    if way == "executor":
        with ProcessPoolExecutor(2) as pool:
            yield pool.map
    elif way == "dask":
        from dask.distributed import Client, LocalCluster

        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            yield lambda function, items: client.gather(client.map(function, list(items)))
    else:
        with multiprocessing.get_context(way).Pool(2) as pool:
            yield pool.map


def main(way: str) -> None:
    # Addresses and key of this process: nothing is there, and neither is to leave it.
    client = Fal("key-for-here", base_url="http://127.0.0.1:9")
    endpoint = client.fal_ai.pika.v2_2.image_to_video
    requests = [endpoint(image_url=b"a picture", prompt=f"wave {n}") for n in range(3)]
    with mapping(way) as run:
        outputs = list(run(Request.subscribe, requests))
        (handle,) = run(Request.submit, requests[:1])
        (status,) = run(Handle.result, [handle])
        failing = {"X-Emulate": "model-error=content_policy_violation"}
        try:
            list(run(partial(Request.subscribe, headers=failing), requests[:1]))
        except FalError as error:
            failed = error
    assert isinstance(failed, ModelError)
    print(
        json.dumps(
            {
                "urls": [output.video.url for output in (*outputs, status)],
                "failure": [failed.status_code, failed.errors[0].type, bool(failed.request_id)],
                "handle": handle == endpoint.handle(handle.request_id),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
