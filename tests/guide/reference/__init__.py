"""The pages of `docs/reference` that are generated from the code, by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import (
    client,
    command_line,
    errors,
    faults,
    json_output,
    options,
    planned_endpoints,
    repairs,
    reports,
    rules,
    settings,
)

PAGES: Mapping[str, Callable[[], str]] = {
    "client.md": client.page,
    "command-line.md": command_line.page,
    "drift-ignore-toml.md": settings.drift_ignore_toml,
    "drift-report.md": reports.page,
    "drift-rules.md": rules.page,
    "emulator-faults.md": faults.page,
    "endpoints-toml.md": settings.endpoints_toml,
    "errors.md": errors.page,
    "json-output.md": json_output.page,
    "options.md": options.page,
    "planned-endpoints.md": planned_endpoints.page,
    "repairs.md": repairs.page,
}
