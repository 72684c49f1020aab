// The address bar holds what is asked; back and forward bring back query, results and place.

/**
 * Gives two ways to keep what is asked: `draft` while one types, in the entry that is there, and
 * `commit` once it is meant, as an entry of its own. The entry before gets back what it was then,
 * so that going back does not end amid a word.
 */
export function startHistory(form, results) {
  let committed = location.search.slice(1);
  let top = history.state?.top ?? 0; // where one was in what is committed
  let isDraft = false;

  const write = (parameters, way, state) => {
    history[way](state, '', parameters ? `/?${parameters}` : '/');
  };

  addEventListener('scrollend', () => {
    if (!isDraft) top = scrollY;
    history.replaceState({ top: scrollY }, '');
  });

  addEventListener('popstate', async ({ state }) => {
    committed = location.search.slice(1);
    isDraft = false;
    form.elements.q.value = new URLSearchParams(committed).get('q') ?? '';
    if (await results.show(committed)) scrollTo({ top: state?.top ?? 0 });
  });

  return {
    draft: (parameters) => {
      isDraft = parameters !== committed;
      write(parameters, 'replaceState', history.state);
    },
    commit: (parameters) => {
      isDraft = false;
      write(committed, 'replaceState', { top });
      if (parameters === committed) return;
      write(parameters, 'pushState', { top: 0 });
      committed = parameters;
      top = 0;
    },
  };
}
