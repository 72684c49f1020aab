// Adds to the page of an article: keys that go from match to match, the part in view on the map.
// Addresses come from the links of the page, so that they are made in one place, on the server.

const paragraphs = [...document.querySelectorAll('.para')];
const matches = paragraphs.filter(one => one.classList.contains('hit'));

// A long article comes in parts, and what is after # never reaches the server.
const asked = /^#p([1-9][0-9]*)$/.exec(location.hash);
if (asked && paragraphs.length && !document.getElementById(`p${asked[1]}`)) {
  const size = 1_000;
  const part = Math.ceil(Number(asked[1]) / size);
  const here = new URL(location.href);
  const last = [...document.querySelectorAll('.parts a')].at(-1);
  const end = last ? Number(new URL(last.href).searchParams.get('part') ?? 1) : 1;
  if (part <= end && Number(here.searchParams.get('part') ?? 1) !== part) {
    here.searchParams.set('part', part);
    location.replace(here);
  }
}

const seen = document.querySelector('.seen');
let drawing = false;

function draw() {
  drawing = false;
  const inView = paragraphs.filter(one => {
    const box = one.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  });
  if (!inView.length) {
    seen.setAttribute('visibility', 'hidden');
    return;
  }
  const [first, last] = [inView[0].dataset, inView.at(-1).dataset];
  const top = Number(first.top);
  seen.setAttribute('y', top);
  seen.setAttribute('height', Number(last.top) + Number(last.height) - top);
  seen.setAttribute('visibility', 'visible');
}

function drawSoon() {
  if (!drawing) requestAnimationFrame(draw);
  drawing = true;
}

if (seen) {
  addEventListener('scroll', drawSoon, {passive: true});
  addEventListener('resize', drawSoon);
  drawSoon();
}

/** The paragraph that one is at: by the keys, or by the address. */
function current() {
  const focused = document.activeElement?.closest?.('.para');
  return focused ?? paragraphs.find(one => `#${one.id}` === location.hash);
}

function go(there) {
  const target = document.getElementById(there.hash.slice(1));
  if (there.pathname + there.search !== location.pathname + location.search || !target) {
    location.assign(there);
    return;
  }
  location.replace(there); // "back" leads to the results, not through all matches
  target.focus({preventScroll: true});
}

/** Goes to the match after where one is, or before it; the links of matches know other parts. */
function step(isOn) {
  const from = current();
  const at = paragraphs.indexOf(from);
  const after = matches.find(one => paragraphs.indexOf(one) > at);
  const before = matches.findLast(one => paragraphs.indexOf(one) < at);
  const beside = isOn ? after : before;
  if (from && beside) {
    go(new URL(`#${beside.id}`, location.href));
    return;
  }
  const last = matches.includes(from) ? from : isOn ? before : after;
  const link = from && last
    ? last.querySelector(isOn ? '.following' : '.previous')
    : document.querySelector('#first');
  if (link) go(new URL(link.href));
}

function leave() {
  const open = document.querySelector('.cite[open]');
  const back = document.querySelector('#back');
  if (open) {
    open.open = false;
    open.querySelector('summary').focus();
  } else if (back) {
    location.assign(back.href);
  }
}

const KEYS = {
  j: () => step(true),
  k: () => step(false),
  '/': () => document.querySelector('.within .box').select(),
  Escape: leave,
};

document.addEventListener('keydown', event => {
  const writes = event.target.closest?.('input, select, textarea, [contenteditable]');
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (writes && event.key === 'Escape') {
    event.preventDefault(); // else some browsers empty it
    writes.blur();
  } else if (!writes && Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

// One set of actions is open at a time; a click elsewhere closes it.
document.addEventListener('click', event => {
  for (const one of document.querySelectorAll('.cite[open]')) {
    if (!one.contains(event.target)) one.open = false;
  }
});

document.querySelector('.reading-keys')?.removeAttribute('hidden');
