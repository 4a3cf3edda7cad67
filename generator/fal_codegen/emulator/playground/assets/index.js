// The list of endpoints.

import { by } from "./dom.js";

export function startIndex(filter) {
  function showMatches() {
    const words = filter.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const entry of by("endpoints").children) {
      const text = entry.textContent.toLowerCase();
      entry.hidden = !words.every((word) => text.includes(word));
      count += !entry.hidden;
    }
    by("found").textContent = `${count} found.`;
  }

  filter.addEventListener("input", showMatches);
  if (filter.value) showMatches(); // typed before this script started
}
