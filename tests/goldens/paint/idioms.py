"""Written for fal-client as programs in the wild are: type checkers find nothing in any of them."""

# pyright: standard

from __future__ import annotations

import asyncio
import functools
import json
import os
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import fal_client

if TYPE_CHECKING:
    from fal_client._endpoints.acme.paint import Colour

MODELS = {"fast": "acme/paint", "other": "acme/glue"}


def first_url(prompt: str) -> str:
    result = fal_client.subscribe("acme/paint", arguments={"prompt": prompt}, with_logs=True)
    return result["images"][0]["url"]


def url_or_none(prompt: str) -> str | None:
    result = fal_client.subscribe("acme/paint", arguments={"prompt": prompt, "steps": 4})
    images = result.get("images")
    if not images:
        return None
    return images[0].get("url")


def url_with_fallbacks(prompt: str) -> str:
    result = fal_client.subscribe("acme/paint", arguments={"prompt": prompt})
    return result.get("images", [{}])[0].get("url", "")


def url_of_a_result_or_nothing(prompt: str) -> str:
    result = fal_client.subscribe("acme/paint", arguments={"prompt": prompt}) or {}
    return (result["images"][0] or {}).get("url", "")


def every_url(prompt: str) -> list[str]:
    return [image["url"] for image in fal_client.run("acme/paint", {"prompt": prompt})["images"]]


def uploaded(path: str) -> str:
    url = fal_client.upload_file(Path(path))
    return fal_client.subscribe("acme/paint", {"prompt": "", "image_url": url})["mood"]


def encoded(path: Path) -> str:
    image_url = fal_client.encode_file(path)
    handler = fal_client.submit("acme/paint", arguments={"prompt": "", "image_url": image_url})
    return handler.get()["images"][0]["url"]


def built_step_by_step(prompt: str, seed: int | None = None) -> dict[str, Any]:
    arguments: dict[str, Any] = {"prompt": prompt}
    if seed is not None:
        arguments["seed"] = seed
    return fal_client.run("acme/paint", arguments=arguments)


def built_without_annotation(prompt: str, steps: int | None) -> Any:
    arguments = {"prompt": prompt, "size": "large"}
    if steps:
        arguments["steps"] = str(steps)
    return fal_client.run("acme/paint", arguments=arguments)


def updated(name: str, prompt: str, **options: Any) -> None:
    arguments: dict[str, Any] = {"prompt": prompt}
    arguments.update(options)
    print(fal_client.subscribe(MODELS[name], arguments=arguments)["images"][0]["url"])


def spread(prompt: str, **options: Any) -> None:
    result = fal_client.subscribe("acme/paint", arguments={"prompt": prompt, **options})
    print(result["images"][0]["url"])


def conditional(prompt: str, seed: int | None) -> None:
    seeded: dict[str, Any] = {} if seed is None else {"seed": seed}
    print(fal_client.run("acme/paint", arguments={"prompt": prompt, **seeded})["images"])


def id_in_a_variable(prompt: str) -> dict[str, Any]:
    model = "acme/paint"
    result = fal_client.subscribe(model, arguments={"prompt": prompt, "steps": 2})
    if "images" in result and len(result["images"]) > 0:
        return {"success": True, "url": result["images"][0]["url"], "seed": result.get("seed")}
    return {"success": False}


def id_from_the_environment(prompt: str) -> Any:
    model = os.getenv("MODEL", "acme/paint")
    return fal_client.subscribe(model, arguments={"prompt": prompt, "anything": 1})["anything"]


def literal_parameter(prompt: str, size: Literal["small", "large"] = "small") -> str:
    result = fal_client.subscribe("acme/paint", {"prompt": prompt, "size": size})
    url = result["images"][0]["url"] if result else None
    assert url
    return url


def nested(colours: list[Colour], untyped: Any) -> None:
    fal_client.subscribe("acme/paint", {"prompt": "", "colours": colours})
    fal_client.subscribe("acme/paint", {"prompt": "", "colours": untyped})


@dataclass
class Settings:
    prompt: str
    steps: int = 1


def from_a_dataclass(settings: Settings) -> Any:
    return fal_client.subscribe("acme/paint", arguments=asdict(settings))


def from_json(text: str) -> Any:
    return fal_client.subscribe("acme/paint", arguments=json.loads(text))["images"]


def random_seed(prompts: Sequence[str]) -> None:
    for prompt in prompts:
        seed = random.randint(0, 2**31)
        result = fal_client.run("acme/paint", arguments={"prompt": prompt, "seed": seed})
        with Path("result.json").open("w") as file:
            json.dump(result, file, indent=2)


def queued(prompt: str) -> None:
    handler = fal_client.submit("acme/paint", {"prompt": prompt}, webhook_url="https://a.com")
    status = fal_client.status("acme/paint", handler.request_id, with_logs=True)
    if isinstance(status, fal_client.Completed):
        print(fal_client.result("acme/paint", handler.request_id)["images"][0]["url"])


def followed(prompt: str) -> list[Any]:
    def on_queue_update(update: fal_client.Status) -> None:
        if isinstance(update, fal_client.InProgress):
            for log in update.logs or []:
                print(log["message"])

    fal_client.subscribe("acme/paint", {"prompt": prompt}, on_queue_update=on_queue_update)
    handler = fal_client.submit("acme/paint", arguments={"prompt": prompt})
    for event in handler.iter_events(with_logs=True):
        on_queue_update(event)
    result = handler.get()
    return [*result["images"]]


def narrowed(prompt: str) -> dict[str, Any]:
    result = fal_client.subscribe("acme/paint", arguments={"prompt": prompt})
    if not isinstance(result, dict):
        raise TypeError(type(result))
    return result


def reported(prompt: str) -> str:
    try:
        result = fal_client.subscribe("acme/paint", arguments={"prompt": prompt})
    except fal_client.FalClientError as error:
        raise RuntimeError(str(error)) from error
    return json.dumps({"images": result["images"], "mood": result["mood"]})


def previews(prompt: str) -> list[str | None]:
    events = fal_client.stream("acme/paint", arguments={"prompt": prompt})
    found = [event.get("preview") for event in events]
    return [preview.get("url") if preview else None for preview in found]


def streamed(prompt: str) -> None:
    for event in fal_client.stream("acme/paint", arguments={"prompt": prompt}):
        print(event, end="", flush=True)


async def awaited(prompt: str) -> str:
    handler = await fal_client.submit_async("acme/paint", arguments={"prompt": prompt})
    async for event in handler.iter_events(with_logs=True):
        print(event)
    result = await handler.get()
    return result["images"][0]["url"]


async def gathered(prompts: list[str]) -> list[str]:
    calls = (fal_client.run_async("acme/paint", arguments={"prompt": text}) for text in prompts)
    return [result["images"][0]["url"] for result in await asyncio.gather(*calls)]


async def in_a_thread(prompt: str) -> None:
    result = await asyncio.to_thread(
        fal_client.subscribe, "acme/paint", arguments={"prompt": prompt}
    )
    print(result["images"][0]["url"])


async def in_an_executor(prompt: str) -> str:
    loop = asyncio.get_event_loop()
    result = await loop.run_in_executor(
        None, lambda: fal_client.subscribe("acme/paint", arguments={"prompt": prompt})
    )
    return result["images"][0]["url"]


async def partially(prompt: str) -> None:
    call = functools.partial(fal_client.subscribe, "acme/paint", arguments={"prompt": prompt})
    result = await asyncio.get_running_loop().run_in_executor(None, call)
    print(result["images"][0]["url"])


class Painter:
    def __init__(self, key: str | None = None) -> None:
        self.client = fal_client.AsyncClient(key=key or os.environ["FAL_KEY"])
        self.endpoint = "acme/paint"

    async def paint(self, prompt: str) -> None:
        result = await self.client.subscribe(self.endpoint, arguments={"prompt": prompt})
        print(result["images"][0]["url"])
