// Results while one types: asked for as soon as there is a pause, and at once on Enter.

import { asked } from './results.js';

const PAUSE_MS = 150;

export function startTyping(form, results, history) {
  const box = form.elements.q;
  let timer = 0;

  const ask = (keep) => {
    clearTimeout(timer);
    const parameters = asked(form);
    keep(parameters);
    results.show(parameters);
    scrollTo({ top: 0 });
  };

  box.addEventListener('input', (event) => {
    clearTimeout(timer);
    // A word that is still being put together, as in Chinese, is not one yet.
    if (!event.isComposing) timer = setTimeout(() => ask(history.draft), PAUSE_MS);
  });
  box.addEventListener('compositionend', () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(history.draft), PAUSE_MS);
  });
  // The other controls stand among the results, and belong to the form all the same.
  document.addEventListener('change', ({ target }) => {
    if (target.form === form && target !== box) ask(history.commit);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask(history.commit);
  });

  // Who has just asked may go on typing. Who comes back is where they were: the browser's own
  // focus would count as a move, and end its way to that place.
  const { type } = performance.getEntriesByType('navigation')[0] ?? {};
  const isFirstPage = !document.querySelector('#results [rel=prev]');
  if (type === 'navigate' && isFirstPage && !location.hash && document.activeElement === document.body) {
    box.focus({ preventScroll: true });
  }

  // Who goes on typing goes on at the end; the browser begins before the first letter.
  if (document.activeElement === box && box.selectionStart === 0) {
    box.setSelectionRange(box.value.length, box.value.length);
  }
  // What was typed before this was loaded is to be found as well.
  if (box.value !== (new URLSearchParams(location.search).get('q') ?? '')) ask(history.draft);
}
