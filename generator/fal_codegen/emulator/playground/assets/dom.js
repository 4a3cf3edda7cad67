// Helpers for elements.

export const by = (id) => document.getElementById(id);

/** Return the first child of an element that matches a selector. */
export const part = (element, selector) => element.querySelector(`:scope > ${selector}`);

export function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** An inactive button keeps the focus, so the attribute `disabled` is not used. */
export const setInactive = (id, isInactive) => by(id).setAttribute("aria-disabled", isInactive);
export const isInactive = (id) => by(id).getAttribute("aria-disabled") === "true";

/** Hide the elements whose text lacks one of the words, and return how many are shown. */
export function showMatches(elements, words) {
  const wanted = words.toLowerCase().split(/\s+/);
  let count = 0;
  for (const element of elements) {
    const text = element.textContent.toLowerCase();
    element.hidden = !wanted.every((word) => text.includes(word));
    count += !element.hidden;
  }
  return count;
}

/** Open every fold around an element. */
export function reveal(element) {
  for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
}

/** Copy text, or select it where the browser does not allow pages to copy. */
export async function copy(element, answer) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    answer.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(element);
    answer.textContent = "Selected. The browser does not allow pages to copy here.";
  }
}
