// The panel beside the images: what the server found, its guards and files.

import { byId, element, millilitres, swatch } from './dom.js';
import { regionColour } from './palette.js';

/** Below this expected Dice a region is marked, as doubtful cases are elsewhere. */
const DOUBTFUL = 0.7;

/** Fills the panel from a reading. */
export function showFindings(reading) {
  byId('result-title').textContent = reading.title;
  byId('result-detail').textContent = reading.detail;
  document.title = `${reading.title} - Preceptor`;
  showGuards(reading.guards ?? []);
  byId('warnings').replaceChildren(...(reading.warnings ?? []).map((line) => element('li', { class: 'guard' }, line)));
  showRegions(reading.regions ?? []);
  byId('downloads').hidden = reading.files.length === 0;
  byId('files-list').replaceChildren(...reading.files.map((file) =>
    element('li', {}, element('a', { href: file.url, download: file.save }, file.name))));
}

function showRegions(regions) {
  const names = regions.map((region) => region.name);
  const isPredicted = regions.some((region) => region.dice);
  byId('dice-head').hidden = !isPredicted;
  byId('dice-note').hidden = !isPredicted;
  byId('dice-note').textContent = regions.some((region) => hasInterval(region.dice))
    ? 'What to expect without a reference, with its interval of at most 90 %.'
    : 'What to expect without a reference. The model knows no interval for it.';
  byId('regions').tBodies[0].replaceChildren(...regions.map((region) => element('tr', {},
    element('th', { scope: 'row' }, swatch(regionColour(region.name, names)), region.name),
    element('td', { class: 'number' }, millilitres(region.volumeMl)),
    isPredicted ? element('td', { class: 'number' }, ...dice(region.dice)) : null)));
}

function hasInterval(predicted) {
  return typeof predicted?.low === 'number' && typeof predicted?.high === 'number';
}

function dice(predicted) {
  if (!predicted) {
    return ['not predicted'];
  }
  const expected = element('span', predicted.expected < DOUBTFUL ? { class: 'doubtful' } : {}, predicted.expected.toFixed(2));
  if (!hasInterval(predicted)) {
    return [expected];
  }
  return [expected, element('span', { class: 'interval' }, ` ${predicted.low.toFixed(2)}-${predicted.high.toFixed(2)}`)];
}

function showGuards(guards) {
  const fired = guards.filter((guard) => guard.fired);
  const lines = fired.map((guard) => element('p', { class: 'guard', role: 'alert' },
    element('strong', {}, `Check this result: ${guard.name}`),
    `Score ${number(guard.score)}, threshold ${number(guard.threshold)}. `
    + 'The image is unlike those on which the model was trained.'));
  const passed = guards.length - fired.length;
  if (passed > 0) {
    lines.push(element('p', { class: 'passed' }, `${passed} of ${guards.length} input checks passed`));
  }
  byId('guards').replaceChildren(...lines);
}

function number(value) {
  return Number(value.toPrecision(3)).toString();
}
