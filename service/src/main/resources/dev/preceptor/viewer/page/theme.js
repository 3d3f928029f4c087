// Light and dark: the system's choice until the button is used, then the reader's.

import { byId } from './dom.js';

const KEY = 'preceptor-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : system.matches;
}

function show() {
  byId('theme').textContent = isDark() ? 'Light' : 'Dark';
  byId('theme').setAttribute('aria-label', isDark() ? 'Use light colours' : 'Use dark colours');
}

/** Changes from light to dark or back. */
export function toggleTheme() {
  const next = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  localStorage.setItem(KEY, next);
  show();
}

export function startTheme() {
  const stored = localStorage.getItem(KEY);
  if (stored === 'light' || stored === 'dark') {
    document.documentElement.dataset.theme = stored;
  }
  system.addEventListener('change', show);
  byId('theme').addEventListener('click', toggleTheme);
  show();
}
