// Keys that lead from passage to passage. The focus is on the link to the whole article, so that
// Enter opens it without any help, and whoever reads with ears hears its title.

import { showHelp } from './help.js';

const LINKS = '#results .passage .open';

export function startKeyboard(box) {
  const keys = {
    '/': () => focusBox(box),
    j: () => step(1),
    k: () => step(-1),
    o: unfold,
    n: unfold,
    '?': showHelp,
    Escape: () => focusBox(box),
  };

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.isComposing || document.querySelector('dialog[open]')) return;
    if (event.target === box && event.key === 'ArrowDown') {
      if (step(1)) event.preventDefault();
      return;
    }
    if (event.target === box && event.key === 'Escape') {
      event.preventDefault(); // else some browsers empty it, and what was found is gone
      box.select();
      return;
    }
    if (event.target.closest?.('input, select, textarea, [contenteditable]')) return;
    if (Object.hasOwn(keys, event.key) && keys[event.key]() !== false) event.preventDefault();
  });
}

function focusBox(box) {
  box.focus();
  box.select();
}

/** Moves to the next passage, or the one before; false where there is none. */
function step(by) {
  const links = [...document.querySelectorAll(LINKS)];
  const inside = document.activeElement?.closest('.passage');
  const at = links.findIndex((link) => link.closest('.passage') === inside);
  const next = links[at < 0 ? 0 : at + by];
  if (!next) return false;
  next.focus({ preventScroll: true });
  next.closest('.passage').scrollIntoView({ block: 'nearest' });
  return true;
}

/** Unfolds what stands before and after the passage, or folds it again. */
function unfold() {
  const passage =
    document.activeElement?.closest('.passage') ?? document.querySelector('#results .passage');
  const near = [...(passage?.querySelectorAll('.near') ?? [])];
  const isOpen = near.some((one) => one.open);
  for (const one of near) one.open = !isOpen;
  return near.length > 0;
}
