"""x"""

from __future__ import annotations

import json

from fal_codegen.drift.survey import Survey


def render(survey: Survey, form: str, *, colour: bool = False) -> str:
    """X"""
    return (
        "\n".join(
            f"{c.level.name} {c.endpoint} {c.text} {c.fingerprint}"
            for r in survey.reports
            for c in r.changes
        )
        + "\n"
        + "\n".join(map(str, survey.failures))
        + f"{survey.compared} compared {dict(survey.echoes)} ign {len(survey.ignored)} {len(survey.idle)}\n"
    )
