"""Recipes for the blenders."""

from __future__ import annotations

from extension import Request
from extension.acme.blender import Blender, Output
from extension.acme.blender import fast

from .words import joined


class Kitchen(Blender):
    """The blender, with recipes."""

    def smoothie(self, *fruits: str) -> Request[Output]:
        """Return a request that blends fruits slowly."""
        return self(prompt=joined(fruits), speed=2)

    async def smoothie_text(self, *fruits: str) -> str:
        """Return the text of a smoothie."""
        return (await self.smoothie(*fruits).subscribe_async()).text


class Fast(fast.Fast):
    """The fast blender, with recipes."""

    def shake(self, fruit: str) -> Request[fast.Output]:
        """Return a request that blends a fruit at full speed."""
        return self(prompt=fruit, speed=10)
