"""Key and explanation from one walk: all that decides an artifact, and nothing else.

A recipe holds: format number, kind, realm, provider type, model, the settled parameters, every wired input as the
sha256 of its bytes, and `extra`. The take number joins it in the key. Not in it: names, order, comments, budgets,
timeouts, profiles, addresses, URLs and output paths.

A picture cut out of a clip is named by the clip's digest and the selector, not by its own bytes: a new decoder must
never make a paid clip stale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.values.digest import canonical, digest_of
from kling_pipe.values.job import Material, Realm

recipe_format = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe's digest (without take) and its parts, for `why`."""

    digest: str
    parts: Mapping[str, object]

    @staticmethod
    def of(
        kind: str,
        realm: Realm,
        provider: str,
        model: str,
        parameters: Mapping[str, object],
        materials: Sequence[Material],
        extra: Mapping[str, object],
    ) -> Recipe:
        parts: dict[str, object] = {
            "format": recipe_format,
            "kind": kind,
            "realm": str(realm),
            "provider": provider,
            "model": model,
            "parameters": parameters,
            "inputs": {material.field: material.to_recipe() for material in materials},
            "extra": extra,
        }
        return Recipe(digest_of("kling-pipe.recipe", parts), parts)

    def key(self, take: int) -> str:
        """The key of one take."""
        return key_of(self.digest, take)

    def explanation(self) -> str:
        """The parts as the canonical text that was hashed."""
        return canonical(self.parts)


def key_of(recipe: str, take: int) -> str:
    """The key of one take of a recipe's digest."""
    return digest_of("kling-pipe.key", [recipe, take])
