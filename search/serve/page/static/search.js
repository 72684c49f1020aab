// The search page with a script: everything works without it, this only makes it quicker.

import './copying.js';
import { startHelp } from './help.js';
import { startHistory } from './history.js';
import { startKeyboard } from './keyboard.js';
import { Results } from './results.js';
import { startTyping } from './typing.js';

const form = document.getElementById('ask');
const results = new Results(form);
const history = startHistory(form, results);

startTyping(form, results, history);
startHelp();
startKeyboard(form.elements.q);
