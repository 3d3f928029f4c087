// Single-key shortcuts and the list of them.

import { byId, element } from './dom.js';

const STORED = 'preceptor-keys';

/**
 * Listens for shortcuts.
 *
 * @param shortcuts [{keys: [...], does: text, run: function, isForCanvas: only while the images have the focus}]
 */
export function startKeys(shortcuts) {
  const isOn = byId('keys-on');
  isOn.checked = localStorage.getItem(STORED) !== 'off';
  isOn.addEventListener('change', () => localStorage.setItem(STORED, isOn.checked ? 'on' : 'off'));
  byId('help-open').addEventListener('click', () => byId('help').showModal());
  for (const shortcut of shortcuts) {
    const names = shortcut.keys.flatMap((key) => [element('kbd', {}, nameOf(key)), ' ']);
    byId('keys').tBodies[0].append(element('tr', {}, element('td', {}, ...names), element('td', {}, shortcut.does)));
  }
  // In the capture phase: NiiVue has shortcuts of its own on the canvas.
  window.addEventListener('keydown', (event) => handle(event, shortcuts, isOn.checked), true);
}

function nameOf(key) {
  return key.replace('ArrowUp', '↑').replace('ArrowDown', '↓').replace('ArrowLeft', '←').replace('ArrowRight', '→');
}

function handle(event, shortcuts, isOn) {
  const onCanvas = event.target === byId('canvas');
  if (onCanvas && event.key !== 'Tab') {
    event.stopPropagation();
  }
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]') || isTyping(event.target)) {
    return;
  }
  const pressed = `${event.shiftKey && event.key.startsWith('Arrow') ? 'Shift+' : ''}${
    event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
  const found = shortcuts.find((shortcut) => shortcut.keys.includes(pressed) && (onCanvas || !shortcut.isForCanvas));
  if (found && (isOn || found.isForCanvas)) {
    event.preventDefault();
    found.run(pressed);
  }
}

function isTyping(target) {
  return target instanceof Element
    && (target.matches('input[type="password"], input[type="text"], textarea, select') || target.isContentEditable);
}
