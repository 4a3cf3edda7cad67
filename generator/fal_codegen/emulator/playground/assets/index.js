// The list of endpoints.

import { by, showMatches } from "./dom.js";

export function startIndex(filter) {
  function show() {
    by("found").textContent = `${showMatches(by("endpoints").children, filter.value)} found.`;
  }

  filter.addEventListener("input", show);
  if (filter.value) show(); // typed before this script started
}
