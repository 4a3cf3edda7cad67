"""Requests of several endpoints, mapped and submitted together; `test_types` checks the types."""

from collections.abc import Iterable, Iterator

from fal_endpoints import Endpoint, Fal, Handle, InputModel, OutputModel, Request


class Input(InputModel):
    prompt: str


class Picture(OutputModel):
    pixels: int


class Sound(OutputModel):
    seconds: float


class Pictures(Endpoint[Input, Picture]):
    endpoint_id = "acme/pictures"

    def __call__(self, *, prompt: str) -> Request[Picture]:
        return self.bind(prompt=prompt)


class Sounds(Endpoint[Input, Sound]):
    endpoint_id = "acme/sounds"

    def __call__(self, *, prompt: str) -> Request[Sound]:
        return self.bind(prompt=prompt)


def mapped(client: Fal) -> Iterator[float]:
    picture, sound = Pictures(client)(prompt="a"), Sounds(client)(prompt="b")
    either: list[Request[Picture] | Request[Sound]] = [picture, sound]
    requests: list[Request[Picture | Sound]] = [picture, sound]
    for outcome in client.map(requests):
        if isinstance(outcome.output, Picture):
            yield outcome.output.pixels
        elif outcome.output is not None:
            yield outcome.output.seconds
    for mixed in client.map(either):
        if isinstance(mixed.output, Sound):
            yield mixed.output.seconds
    for mixed in client.map([picture, sound]):
        if isinstance(mixed.output, Sound):
            yield mixed.output.seconds


def submitted(requests: Iterable[Request[OutputModel]]) -> list[Handle[OutputModel]]:
    return [request.submit() for request in requests]


def both(client: Fal) -> list[Handle[OutputModel]]:
    return submitted([Pictures(client)(prompt="a"), Sounds(client)(prompt="b")])
