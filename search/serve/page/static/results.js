// What was found: fetched for what is asked now, and put in the place of what was found before.

const UNSAID = new Set(['sort=score']);

/** What the form asks, as parameters of an address, without those that say nothing. */
export function asked(form) {
  const given = [...new FormData(form)].filter(
    ([name, value]) => value !== '' && !UNSAID.has(`${name}=${value}`),
  );
  return new URLSearchParams(given).toString();
}

export class Results {
  #form;
  #place = document.getElementById('results');
  #told = document.getElementById('told');
  #trouble = document.getElementById('trouble');
  #asking = null;

  constructor(form) {
    this.#form = form;
  }

  /** Shows what is found for some parameters; true once it is there, false where it is not to be. */
  async show(parameters) {
    // What was asked before is not wanted any more: its answer is neither waited for nor shown,
    // in whatever order answers come.
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#busy(true);
    try {
      const answer = await fetch(`/results?${parameters}`, { signal: asking.signal });
      const text = await answer.text();
      if (asking !== this.#asking) return false;
      if (!answer.headers.get('content-type')?.startsWith('text/html')) {
        throw new Error(detail(text) || `The service answered ${answer.status}.`);
      }
      this.#put(text);
    } catch (error) {
      if (asking !== this.#asking) return false;
      const isOffline = error instanceof TypeError;
      this.#complain(isOffline ? 'The service cannot be reached; what is below is older.' : error.message);
      return false;
    } finally {
      if (asking === this.#asking) this.#busy(false);
    }
    return true;
  }

  // The HTML is the server's own, which has escaped all that is from articles. It is parsed into a
  // document of its own, where no script runs and nothing is loaded, and its nodes are moved here;
  // no HTML is ever made of texts by a script.
  #put(html) {
    const made = new DOMParser().parseFromString(html, 'text/html');
    const { name } = this.#place.contains(document.activeElement) ? document.activeElement : {};
    this.#place.replaceChildren(...document.adoptNode(made.body).childNodes);
    if (name) this.#place.querySelector(`[name="${CSS.escape(name)}"]`)?.focus();
    this.#trouble.hidden = true;
    this.#told.textContent = document.getElementById('summary')?.textContent ?? '';
    const { q } = this.#form.elements;
    document.title = q.value ? `${q.value} – Passage search` : 'Passage search';
  }

  #complain(message) {
    this.#trouble.textContent = message;
    this.#trouble.hidden = false;
  }

  #busy(isBusy) {
    for (const one of [this.#place, this.#form]) one.setAttribute('aria-busy', String(isBusy));
  }
}

/** What problem details say, '' where it is none. */
function detail(text) {
  try {
    const { detail: said, hint } = JSON.parse(text);
    return [said, hint].filter(Boolean).join('; ');
  } catch {
    return '';
  }
}
