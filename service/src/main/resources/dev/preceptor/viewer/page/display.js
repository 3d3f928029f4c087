// One result on the screen: its images, and the controls of what is seen of them.

import { Comparison } from './comparison.js';
import { byId, element, millilitres, swatch } from './dom.js';
import { showFindings } from './findings.js';
import { counts, volumes } from './labelmap.js';
import { labelColour } from './palette.js';

/**
 * What the display shows.
 *
 * title, detail: text
 * image: the address of a NIfTI file
 * overlay: {name, url, labels: [{value, name}], regions: [{name, labels: [values]}]}, or null
 * regions: [{name, volumeMl, dice}] as the server predicts them, or null
 * guards: as in the result of a job, or null
 * uncertainty: the address of a NIfTI file, or null
 * files: [{name, url}]
 * others: [{key, name, overlay: async function}], what it can be compared with
 * preselected: the key of one of them, or null
 */
export class Display {
  constructor(scene) {
    this.scene = scene;
    this.shown = 0;
    this.comparison = new Comparison(scene, () => this.apply());
    this.listen();
  }

  listen() {
    for (const id of ['labels-shown', 'outline', 'opacity', 'uncertainty-opacity']) {
      byId(id).addEventListener('input', () => this.apply());
    }
    byId('uncertainty-shown').addEventListener('input', () => this.showUncertainty());
    byId('crosshair').addEventListener('change', (event) => this.scene.crosshair(event.target.checked));
    byId('cut').addEventListener('change', (event) => this.scene.cutAway(event.target.checked));
    byId('reset').addEventListener('click', () => this.reset());
    byId('go-largest').addEventListener('click', () => this.goToLargest());
    for (const radio of document.querySelectorAll('input[name="planes"]')) {
      radio.addEventListener('change', () => this.scene.layout(radio.value));
    }
    for (const id of ['window-low', 'window-high']) {
      byId(id).addEventListener('input', () =>
        this.scene.setWindow(Number(byId('window-low').value), Number(byId('window-high').value)));
    }
  }

  /** Shows nothing; what still loads is dropped when it arrives. */
  clear() {
    this.shown += 1;
    this.overlay = null;
    this.uncertainty = null;
    byId('uncertainty').hidden = true;
    byId('uncertainty-shown').checked = false;
    byId('panel').hidden = true;
    this.comparison.close();
    this.scene.clear();
    byId('place-text').textContent = '';
  }

  /** Loads and shows a reading; a later call wins over one that still loads. */
  async show(reading) {
    this.clear();
    const mine = this.shown;
    const isStale = () => mine !== this.shown;
    state('loading', 'Loading images');
    byId('panel').hidden = false;
    showFindings(reading);
    this.overlay = reading.overlay;
    this.uncertainty = reading.uncertainty;
    this.hidden = new Set();
    try {
      await this.scene.image(reading.image);
      if (isStale()) { return; }
      this.showWindow();
      if (reading.overlay) {
        await this.scene.labels('first', reading.overlay.url);
        if (isStale()) { return; }
        this.showOverlay(reading);
      }
      byId('uncertainty').hidden = !reading.uncertainty;
      this.scene.cutAway(byId('cut').checked);
      await this.comparison.offer(reading);
      if (isStale()) { return; }
      this.apply();
      this.reset();
      // Drawn with the next frame.
      await new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
      state('ready', '');
    } catch (error) {
      if (!isStale()) {
        state('failed', `Cannot show the images: ${error.message ?? error}`);
      }
    }
  }

  showOverlay(reading) {
    const map = this.scene.map('first');
    const measured = volumes(map, reading.overlay.regions);
    showFindings({ ...reading, regions: reading.regions ?? measured });
    this.showLabels(map);
  }

  showLabels(map) {
    const found = counts(map);
    byId('labels').replaceChildren(...this.overlay.labels.map((label) => {
      const box = element('input', { type: 'checkbox', checked: true, 'data-label': label.value, change: () => {
        this.hidden[box.checked ? 'delete' : 'add'](label.name);
        this.apply();
      } });
      return element('li', {},
        element('label', { class: 'check' }, box, swatch(labelColour(label.value, this.overlay.regions)), label.name),
        element('span', { class: 'soft' }, millilitres((found.get(label.value) ?? 0) * map.voxelMl)));
    }));
  }

  showWindow() {
    const window = this.scene.window();
    for (const [id, value] of [['window-low', window.low], ['window-high', window.high]]) {
      Object.assign(byId(id), { min: window.min, max: window.max, value });
    }
  }

  /** Applies what the controls say to the layers. */
  apply() {
    const overlays = { first: this.overlay, second: this.comparison.overlay };
    for (const [layer, overlay] of Object.entries(overlays)) {
      if (overlay && this.scene.has(layer)) {
        const visible = overlay.labels.filter((label) => !this.hidden.has(label.name)).map((label) => label.value);
        this.scene.colour(layer, overlay.labels, overlay.regions, new Set(visible));
      }
    }
    const opacity = byId('labels-shown').checked ? byId('opacity').value / 100 : 0;
    const side = this.comparison.side();
    this.scene.show({
      first: side === 'first' ? opacity : 0,
      second: side === 'second' ? opacity : 0,
      difference: side === 'difference' ? opacity : 0,
      uncertainty: byId('uncertainty-shown').checked ? byId('uncertainty-opacity').value / 100 : 0,
    }, byId('outline').checked);
  }

  /** Loads the uncertainty when it is looked at for the first time. */
  async showUncertainty() {
    const { shown } = this;
    const isStale = () => shown !== this.shown;
    if (byId('uncertainty-shown').checked && !this.scene.has('uncertainty')) {
      message('Loading the uncertainty');
      try {
        await this.scene.uncertainty(this.uncertainty);
        if (isStale()) { return; }
        message('');
      } catch (error) {
        if (isStale()) { return; }
        byId('uncertainty-shown').checked = false;
        message(`Cannot show the uncertainty: ${error.message ?? error}`);
      }
    }
    this.apply();
  }

  goToLargest() {
    if (this.scene.has('first') && !this.scene.goToLargest('first')) {
      message('The label map is empty');
    }
  }

  reset() {
    if (this.scene.has('image')) {
      this.scene.reset();
      this.goToLargest();
    }
  }

  /** The text under the images for a place of the crosshair. */
  describe(place) {
    const [x, y, z] = place.mm;
    const parts = [
      `${x < 0 ? 'L' : 'R'} ${Math.abs(x).toFixed(1)}  ${y < 0 ? 'P' : 'A'} ${Math.abs(y).toFixed(1)}  ${
        z < 0 ? 'I' : 'S'} ${Math.abs(z).toFixed(1)} mm`,
    ];
    if (place.values.has('image')) {
      parts.push(`intensity ${Number(place.values.get('image').toPrecision(4))}`);
    }
    const layer = this.comparison.side() === 'second' ? 'second' : 'first';
    const overlay = layer === 'second' ? this.comparison.overlay : this.overlay;
    if (overlay && place.values.has(layer)) {
      const value = Math.round(place.values.get(layer));
      parts.push(value ? overlay.labels.find((label) => label.value === value)?.name ?? `label ${value}` : 'no label');
    }
    if (place.values.has('uncertainty')) {
      parts.push(`${place.values.get('uncertainty').toFixed(2)} bit`);
    }
    return parts.join('  |  ');
  }
}

/** Sets the state of the page (loading, ready, failed, empty) and the message over the images. */
export function state(name, text) {
  document.documentElement.dataset.state = name;
  byId('viewer').setAttribute('aria-busy', String(name === 'loading'));
  byId('message').classList.toggle('failed', name === 'failed');
  message(text);
}

function message(text) {
  byId('message').textContent = text;
}
