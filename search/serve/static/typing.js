// Results while one types: asked for as soon as there is a pause, and at once on Enter.

import { asked } from './results.js';

const PAUSE_MS = 150;

export function startTyping(form, results, history) {
  let timer = 0;

  const ask = (keep) => {
    clearTimeout(timer);
    const parameters = asked(form);
    keep(parameters);
    results.show(parameters);
    scrollTo({ top: 0 });
  };

  form.elements.q.addEventListener('input', (event) => {
    clearTimeout(timer);
    // A word that is still being put together, as in Chinese, is not one yet.
    if (!event.isComposing) timer = setTimeout(() => ask(history.draft), PAUSE_MS);
  });
  form.elements.q.addEventListener('compositionend', () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(history.draft), PAUSE_MS);
  });
  // The other controls stand among the results, and belong to the form all the same.
  document.addEventListener('change', ({ target }) => {
    if (target.form === form && target !== form.elements.q) ask(history.commit);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask(history.commit);
  });
}
