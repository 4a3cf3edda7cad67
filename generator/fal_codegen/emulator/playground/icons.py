"""The icon of an endpoint in the list: what its category makes."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

__all__ = ["ICONS", "Icon", "icon_of"]

Icon: TypeAlias = Literal["image", "video", "audio", "speech", "3d", "text", "training", "other"]
"""The icons that `icons.html.jinja` has."""

ICONS: tuple[Icon, ...] = get_args(Icon)

_OTHER_NAMES: dict[str, Icon] = {
    "json": "text",
    "llm": "text",
    "music": "audio",
    "vision": "text",
}
"""What the categories of fal make that do not say it: `vision` reads pictures, and writes text."""


def icon_of(category: str) -> Icon:
    """Return the icon of a category: of what follows `-to-`, or of all of it."""
    made = category.rpartition("-to-")[2]
    named: Icon | None = next((icon for icon in ICONS if icon == made), None)
    return named or _OTHER_NAMES.get(made, "other")
