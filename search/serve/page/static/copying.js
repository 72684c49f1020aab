// Copies a passage where its links would only show it. The words come from the API, so that what is
// copied is what the command prints. Where the browser gives no clipboard (a page that is not on
// this machine and comes without TLS has none) the links stay links.

const SHOWN_MS = 4_000;
const told = document.createElement('p');
told.className = 'copied';
told.setAttribute('role', 'status');
document.body.append(told);
if (navigator.clipboard) document.documentElement.dataset.copies = '';
let shown = 0;

function tell(message) {
  told.textContent = message;
  clearTimeout(shown);
  shown = setTimeout(() => { told.textContent = ''; }, SHOWN_MS);
}

async function answer(address) {
  const got = await fetch(address);
  if (!got.ok) throw new Error(`${got.status} ${got.statusText}`);
  return got;
}

async function textOf(link) {
  return (await answer(link.href)).text();
}

// The passage in the article's own page, where it has one; else here.
async function addressOf(link) {
  if (new URL(link.href).origin !== location.origin) return link.href;
  const record = await (await answer(link.dataset.record)).json();
  return record.passages?.[0]?.link ?? link.href;
}

async function write(text) {
  // A promise lets browsers that give the clipboard only at the click itself wait for the answer.
  if (window.ClipboardItem) {
    const blob = text.then(one => new Blob([one], {type: 'text/plain'}));
    await navigator.clipboard.write([new ClipboardItem({'text/plain': blob})]);
  } else {
    await navigator.clipboard.writeText(await text);
  }
}

document.addEventListener('click', async event => {
  const link = event.target.closest?.('a[data-copy]');
  if (!link || !navigator.clipboard || event.button) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const name = link.firstChild.textContent.trim();
  try {
    const text = link.dataset.copy === 'link' ? addressOf(link) : textOf(link);
    text.catch(() => {}); // it is told below, also where the clipboard refuses first
    await write(text);
    tell(`${name} copied`);
  } catch (error) {
    const isOffline = error instanceof TypeError;
    tell(`Not copied: ${isOffline ? 'the service cannot be reached' : error.message}`);
  }
});
