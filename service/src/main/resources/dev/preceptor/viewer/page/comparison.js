// A second label map beside the first, and their difference.

import { byId, element, millilitres, swatch } from './dom.js';
import { difference, sameGrid, volumes } from './labelmap.js';
import { DIFFERENCE, regionColour } from './palette.js';

const ANY = 'any label';

export class Comparison {
  /**
   * @param scene where the layers are
   * @param onChange called when what is shown has changed
   */
  constructor(scene, onChange) {
    this.scene = scene;
    this.onChange = onChange;
    this.overlay = null;
    this.chosen = 0;
    byId('other').addEventListener('change', () => this.choose(byId('other').value));
    byId('difference-region').addEventListener('change', () => this.showDifference());
    for (const radio of document.querySelectorAll('input[name="side"]')) {
      radio.addEventListener('change', onChange);
    }
  }

  /** Which layer the labels are drawn from: first, second or difference. */
  side() {
    return this.overlay ? document.querySelector('input[name="side"]:checked').value : 'first';
  }

  /** Shows the next of first, second and difference. */
  next() {
    if (this.overlay) {
      const radios = [...document.querySelectorAll('input[name="side"]')];
      radios[(radios.findIndex((radio) => radio.checked) + 1) % radios.length].checked = true;
      this.onChange();
    }
  }

  /** Forgets the second label map, also one that still loads. */
  clear() {
    this.chosen += 1;
    this.scene.drop('second');
    this.scene.drop('difference');
    this.overlay = null;
    byId('comparison-detail').hidden = true;
    byId('comparison-error').hidden = true;
  }

  /** Offers nothing until the next reading. */
  close() {
    this.clear();
    byId('comparison').hidden = true;
  }

  /** Offers what a reading can be compared with. */
  async offer(reading) {
    this.reading = reading;
    byId('comparison').hidden = !reading.overlay || reading.others.length === 0;
    byId('other').replaceChildren(
      element('option', { value: '' }, 'nothing'),
      ...reading.others.map((other) => element('option', { value: other.key }, other.name)));
    byId('other').value = reading.preselected ?? '';
    if (reading.preselected) {
      await this.choose(reading.preselected);
    }
  }

  /** Loads and compares one of what is offered; a later choice wins over one that still loads. */
  async choose(key) {
    this.clear();
    const mine = this.chosen;
    const isStale = () => mine !== this.chosen;
    const other = this.reading.others.find((one) => one.key === key);
    if (!other) {
      this.onChange();
      return;
    }
    try {
      const overlay = await other.overlay();
      if (isStale()) { return; }
      await this.scene.labels('second', overlay.url);
      if (isStale()) { return; }
      if (!sameGrid(this.scene.map('first'), this.scene.map('second'))) {
        throw new Error('the two label maps are on different grids, so they cannot be compared voxel by voxel');
      }
      this.overlay = overlay;
      this.otherName = other.name;
      this.showChoices();
      this.showDifference();
    } catch (error) {
      if (isStale()) { return; }
      this.clear();
      byId('comparison-error').hidden = false;
      byId('comparison-error').textContent = `${other.name}: ${error.message ?? error}`;
    }
    this.onChange();
  }

  /** The regions of both label maps, and all labels together. */
  pairs() {
    const first = this.reading.overlay;
    const named = first.regions.flatMap((region) => {
      const second = this.overlay.regions.find((other) => other.name === region.name);
      return second ? [{ name: region.name, first: region, second }] : [];
    });
    const all = (overlay) => ({ name: ANY, labels: overlay.labels.map((label) => label.value) });
    return [{ name: ANY, first: all(first), second: all(this.overlay) }, ...named];
  }

  showChoices() {
    byId('comparison-detail').hidden = false;
    const pairs = this.pairs();
    byId('difference-region').replaceChildren(...pairs.map((pair) => element('option', {}, pair.name)));
    const maps = { first: this.scene.map('first'), second: this.scene.map('second') };
    const names = this.reading.overlay.regions.map((region) => region.name);
    byId('agreement').tBodies[0].replaceChildren(...pairs.slice(1).map((pair) => {
      const found = this.compare(pair, maps);
      const [first] = volumes(maps.first, [pair.first]);
      const [second] = volumes(maps.second, [pair.second]);
      return element('tr', {},
        element('th', { scope: 'row' }, swatch(regionColour(pair.name, names)), pair.name),
        element('td', { class: 'number' }, found.dice.toFixed(3)),
        element('td', { class: 'number' }, millilitres(first.volumeMl)),
        element('td', { class: 'number' }, millilitres(second.volumeMl)));
    }));
  }

  compare(pair, maps) {
    return difference(
      { map: maps.first, labels: this.reading.overlay.labels, region: pair.first },
      { map: maps.second, labels: this.overlay.labels, region: pair.second });
  }

  showDifference() {
    const pair = this.pairs().find((one) => one.name === byId('difference-region').value);
    const maps = { first: this.scene.map('first'), second: this.scene.map('second') };
    const found = this.compare(pair, maps);
    this.scene.difference('difference', found.voxels, 'first');
    const entry = (colour, text) => element('li', {}, swatch(colour), text);
    byId('difference-legend').replaceChildren(
      entry(DIFFERENCE.first, `First only: ${this.reading.overlay.name}, ${
        millilitres(found.onlyFirst * maps.first.voxelMl)}`),
      entry(DIFFERENCE.second, `Second only: ${this.otherName}, ${millilitres(found.onlySecond * maps.first.voxelMl)}`),
      entry(DIFFERENCE.other, 'Both, different labels'));
    this.onChange();
  }
}
