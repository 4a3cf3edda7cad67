"""The intermediate representation: what a target needs to know about an endpoint, as values.

It knows no programming language. Each property and each result has a typed schema (see
`document.schema`), in which a `Ref` holds the name of one of the endpoint's models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fal_codegen.document.models import Default, Direction, Model, Property
from fal_codegen.document.price import UnitPrice
from fal_codegen.document.repairs import Repair
from fal_codegen.document.schema import Ref, Schema

__all__ = [
    "Default",
    "Direction",
    "Endpoint",
    "Extension",
    "Model",
    "Property",
    "Repair",
    "UnitPrice",
]


class Extension(NamedTuple):
    """A class of the project that extends the class of an endpoint.

    Attributes:
        module: Name of its module, in the folder `extensions` of the project's templates.
        class_name: Name of the class.
    """

    module: str
    class_name: str


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as a target gets it.

    Attributes:
        id: The endpoint id, such as `fal-ai/pika/v2.2/image-to-video`.
        class_name: Name of the class that stands for the endpoint.
        about: What it does, from its document or else from the catalogue; may be empty.
        models: Every model, dependencies first; `Input` and `Output` are among them.
        output: Schema of the result: mostly a reference to the model `Output`.
        repairs: What was repaired in its document, in the order of the document.
        correction: Why an overlay corrects its document; empty without an overlay.
        extension: The project's class that the client has in place of the endpoint's own. Only the
            target `python` supports it.
        is_deprecated: Whether fal's catalogue lists it as deprecated.
        price: What a unit of its output costs; None if it is not known.
        title: Its display name in the catalogue; may be empty.
        thumbnail_url: A picture of what it does; may be empty.
    """

    id: str
    class_name: str
    about: str
    category: str
    documentation_url: str
    models: tuple[Model, ...]
    output: Schema
    repairs: tuple[Repair, ...]
    correction: str
    extension: Extension | None = None
    is_deprecated: bool = False
    price: UnitPrice | None = None
    title: str = ""
    thumbnail_url: str = ""

    @property
    def has_output_model(self) -> bool:
        """Whether the result is the model `Output`."""
        return self.output == Ref("Output")

    @property
    def description(self) -> str:
        """What it does; a sentence with its id if no description exists."""
        return self.about or f"The endpoint `{self.id}`."
