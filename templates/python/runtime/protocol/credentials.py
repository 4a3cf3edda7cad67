"""Which credentials a client uses, if its caller passes none."""

from __future__ import annotations

import importlib
import os
import sys

import httpx

from ..errors import ConfigurationError
from ..log import logger
from .addresses import Addresses
from .key import Key
from .login import Login


def found_credentials(addresses: Addresses) -> httpx.Auth:
    """Return the credentials of the environment, in the order of fal-client.

    1. `FAL_KEY`, or else `FAL_KEY_ID` and `FAL_KEY_SECRET`.
    2. In Google Colab, the secret `FAL_KEY`.
    3. The login of `fal auth login`, for fal's own hosts only.

    Raises:
        ConfigurationError: There are none, or they cannot be used.
    """
    for find in (_key, _key_of_two_parts, _colab_secret):
        if key := find():
            key.check()
            return key
    if addresses.are_of_fal and Login.exists():
        return Login()
    secret = ", or give this notebook access to a secret FAL_KEY" if _is_colab() else ""
    login = ", or run `fal auth login`" if addresses.are_of_fal else ""
    raise ConfigurationError(
        f"no API key: set FAL_KEY (or FAL_KEY_ID and FAL_KEY_SECRET){secret}{login}, or in Python "
        "pass key=…; create one at https://fal.ai/dashboard/keys"
    )


def _key() -> Key:
    return Key(os.getenv("FAL_KEY"), "FAL_KEY")


def _key_of_two_parts() -> Key:
    parts = os.getenv("FAL_KEY_ID"), os.getenv("FAL_KEY_SECRET")
    return Key(":".join(filter(None, parts)) if all(parts) else "", "FAL_KEY_ID or FAL_KEY_SECRET")


def _is_colab() -> bool:
    """Return whether this is a notebook of Google Colab, whose kernel imports this package."""
    return "google.colab" in sys.modules


def _colab_secret() -> Key:
    source = "the secret FAL_KEY of Colab"
    if _is_colab():
        try:
            userdata = importlib.import_module("google.colab.userdata")
            return Key(userdata.get("FAL_KEY"), source)
        except Exception as error:  # there is no such secret, or the notebook has no access
            logger.debug("%s cannot be read: %s", source, type(error).__name__)
    return Key("", source)
