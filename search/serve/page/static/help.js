// The keys, told in a dialog; its button is shown only where there are scripts, so keys work.

const dialog = document.getElementById('keys');
const button = document.getElementById('help');

export function startHelp() {
  button.hidden = false;
  button.addEventListener('click', showHelp);
}

export function showHelp() {
  dialog.showModal();
}
