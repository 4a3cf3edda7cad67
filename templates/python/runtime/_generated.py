"""Names for the generated code of endpoints. Import from the package itself instead."""

from .client import Client
from .constraints import ListInput, MapInput, OneOf, Tagged, UniqueItems, UrlLength
from .endpoint import Endpoint, Namespace
from .file import File, FileInput
from .file_limits import FileLimits
from .models import UNSET, InputModel, Omittable, OutputModel, Unset
from .request import Request

__all__ = [
    "UNSET",
    "Client",
    "Endpoint",
    "File",
    "FileInput",
    "FileLimits",
    "InputModel",
    "ListInput",
    "MapInput",
    "Namespace",
    "Omittable",
    "OneOf",
    "OutputModel",
    "Request",
    "Tagged",
    "UniqueItems",
    "Unset",
    "UrlLength",
]
