// The canvas: NiiVue with an image, label maps, their difference and the uncertainty over it.

import './niivue/niivue.js';
import { DIFFERENCE, labelColour, rgb } from './palette.js';
import { labelMap, labelValues, largestSlice } from './labelmap.js';

const { Niivue, NVImage } = globalThis.niivue;

const AXIAL = 0;
const CORONAL = 1;
const SAGITTAL = 2;
const RENDER = 4;
const WINDOWING = 9;
const CROSSHAIR_MM = 0.5;
const LABEL_INTENT = 1002;
/** A header of bytes without scaling; NiiVue draws outlines where the intent is a label map. */
const LABELS = { datatypeCode: 2, numBitsPerVoxel: 8, scl_slope: 1, scl_inter: 0, intent_code: LABEL_INTENT };
/** Drawn, but not seen. */
const FAINT = 0.004;

const LAYOUTS = {
  four: [
    { sliceType: AXIAL, position: [0, 0, 0.495, 0.492] },
    { sliceType: CORONAL, position: [0.505, 0, 0.495, 0.492] },
    { sliceType: SAGITTAL, position: [0, 0.508, 0.495, 0.492] },
    { sliceType: RENDER, position: [0.505, 0.508, 0.495, 0.492] },
  ],
  axial: [{ sliceType: AXIAL, position: [0, 0, 1, 1] }],
  coronal: [{ sliceType: CORONAL, position: [0, 0, 1, 1] }],
  sagittal: [{ sliceType: SAGITTAL, position: [0, 0, 1, 1] }],
  render: [{ sliceType: RENDER, position: [0, 0, 1, 1] }],
};

export class Scene {
  /**
   * @param canvas the element
   * @param onPlace called with {mm, values} when the crosshair has moved; values by name of the layer
   */
  constructor(canvas, onPlace) {
    this.canvas = canvas;
    this.layers = new Map();
    this.voxels = new Map();
    /** The newest load of each layer: an older one, or one of a layer that was dropped, must not overwrite it. */
    this.loads = new Map();
    this.niivue = new Niivue({
      backColor: [0, 0, 0, 1],
      crosshairColor: [0.85, 0.9, 0.95, 0.45],
      crosshairWidth: CROSSHAIR_MM,
      crosshairWidthUnit: 'mm',
      crosshairGap: 10,
      fontColor: [0.9, 0.93, 0.95, 1],
      fontMinPx: 14,
      fontSizeScaling: 0.25,
      show3Dcrosshair: false,
      isRadiologicalConvention: true,
      showAllOrientationMarkers: true,
      dragMode: WINDOWING,
      tileMargin: 2,
      dragAndDropEnabled: false,
      isClipPlanesCutaway: true,
      clipPlaneColor: [0, 0, 0, 0],
      clipPlaneHotKey: '',
      cycleClipPlaneHotKey: '',
      viewModeHotKey: '',
      loadingText: '',
      logLevel: 'error',
    });
    this.niivue.onLocationChange = (place) => onPlace(this.placeOf(Array.from(place.mm).slice(0, 3)));
  }

  async start() {
    await this.niivue.attachToCanvas(this.canvas);
    this.niivue.setSliceType(this.niivue.sliceTypeMultiplanar);
    this.niivue.scene.volScaleMultiplier = 1.5;
    this.layout('four');
  }

  placeOf(mm) {
    const values = new Map();
    for (const [layer, volume] of this.layers) {
      values.set(layer, volume.getValue(...volume.mm2vox(mm)));
    }
    return { mm, values };
  }

  /** Removes all layers, also those that still load. */
  clear() {
    this.loads.clear();
    this.layers.clear();
    this.voxels.clear();
    Object.assign(this.niivue, { volumes: [], back: null, overlays: [] });
    this.niivue.drawScene();
  }

  /** Loads an image; {@link clear} first. */
  async image(url) {
    await this.load('image', url, { colormap: 'gray' });
  }

  /** Loads a label map as a layer of a name. */
  async labels(layer, url) {
    const volume = await this.load(layer, url, {});
    if (volume) {
      this.voxels.set(layer, labelValues(volume.hdr, volume.img));
      Object.assign(volume.hdr, LABELS);
      volume.img = this.voxels.get(layer);
    }
  }

  /** Loads an uncertainty in bits, 0 to 1. */
  async uncertainty(url) {
    await this.load('uncertainty', url, { colormap: 'inferno', cal_min: 0.05, cal_max: 1 });
  }

  /** The volume, as a layer; null if the layer was dropped or loaded anew meanwhile. */
  async load(layer, url, options) {
    const mine = {};
    this.loads.set(layer, mine);
    // NiiVue goes by the name to find the format.
    const volume = await NVImage.loadFromUrl({ url, name: `${layer}.nii.gz`, ...options });
    if (this.loads.get(layer) !== mine) {
      return null;
    }
    this.layers.set(layer, volume);
    return volume;
  }

  has(layer) {
    return this.layers.has(layer);
  }

  /** The label map of a layer, for counting. */
  map(layer) {
    return labelMap(this.layers.get(layer).hdr, this.voxels.get(layer));
  }

  /** Forgets a layer if it is there or still loads. */
  drop(layer) {
    this.loads.delete(layer);
    this.layers.delete(layer);
    this.voxels.delete(layer);
  }

  /** Draws the image and over it the layers with an opacity above 0: {layer: opacity}. Label maps are filled or outlines. */
  show(opacities, isOutline) {
    if (!this.has('image')) {
      return;
    }
    const shown = Object.keys(opacities).filter((layer) => this.has(layer) && opacities[layer] > 0);
    for (const layer of shown) {
      const isOutlined = isOutline && this.layers.get(layer).hdr.intent_code === LABEL_INTENT;
      this.layers.get(layer).opacity = isOutlined ? FAINT : opacities[layer];
    }
    this.niivue.opts.atlasOutline = isOutline ? Math.max(...shown.map((layer) => opacities[layer]), FAINT) : 0;
    const volumes = ['image', ...shown].map((layer) => this.layers.get(layer));
    Object.assign(this.niivue, { volumes, back: volumes[0], overlays: volumes.slice(1) });
    this.redraw(true);
  }

  /** Draws with the next frame, after uploading the layers if they have changed: sliders change faster than that. */
  redraw(areLayersNew) {
    this.mustUpload = this.mustUpload || areLayersNew;
    if (this.isWaiting) {
      return;
    }
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      if (this.mustUpload) {
        this.mustUpload = false;
        this.niivue.updateGLVolume();
      } else {
        this.niivue.drawScene();
      }
      if (this.niivue.volumes.length > 0) {
        this.niivue.createOnLocationChange();
      }
    });
  }

  /** Sets the colours of a label map, and leaves out the labels that are not in the set of visible values. */
  colour(layer, labels, regions, visible) {
    const all = this.voxels.get(layer);
    const volume = this.layers.get(layer);
    const isHidden = new Set(labels.map((label) => label.value).filter((value) => !visible.has(value)));
    volume.img = isHidden.size === 0 ? all : all.map((value) => (isHidden.has(value) ? 0 : value));
    this.paint(layer, labels.map((label) => ({ value: label.value, colour: labelColour(label.value, regions) })));
  }

  /** Adds a map of differences as a layer, on the grid of a label map. */
  difference(layer, voxels, like) {
    const volume = this.layers.get(like).clone();
    volume.img = voxels;
    this.layers.set(layer, volume);
    this.paint(layer, [
      { value: 1, colour: DIFFERENCE.first },
      { value: 2, colour: DIFFERENCE.second },
      { value: 3, colour: DIFFERENCE.other },
    ]);
  }

  paint(layer, entries) {
    const table = { R: [0], G: [0], B: [0], A: [0], I: [0], labels: [''] };
    for (const entry of [...entries].sort((a, b) => a.value - b.value)) {
      const [red, green, blue] = rgb(entry.colour);
      table.R.push(red);
      table.G.push(green);
      table.B.push(blue);
      table.A.push(255);
      table.I.push(entry.value);
      // NiiVue draws a legend of its own for labels with names.
      table.labels.push('');
    }
    this.layers.get(layer).setColormapLabel(table);
  }

  /** Shows four, axial, coronal, sagittal or render. */
  layout(name) {
    this.niivue.setCustomLayout(LAYOUTS[name]);
  }

  /** The intensities shown as black and as white. */
  window() {
    const image = this.layers.get('image');
    return { low: image.cal_min, high: image.cal_max, min: image.global_min, max: image.global_max };
  }

  setWindow(low, high) {
    const image = this.layers.get('image');
    image.cal_min = low;
    image.cal_max = Math.max(high, low + 1e-6);
    this.redraw(true);
  }

  /** Cuts the near half away in 3-D, or not. */
  cutAway(isCut) {
    this.niivue.setClipPlane(isCut ? [0.05, 90, 25] : [2, 0, 0]);
  }

  crosshair(isShown) {
    this.niivue.setCrosshairWidth(isShown ? CROSSHAIR_MM : 0);
  }

  /** Moves the crosshair by voxels towards right, anterior and superior. */
  step(right, anterior, superior) {
    if (this.has('image')) {
      this.niivue.moveCrosshairInVox(right, anterior, superior);
    }
  }

  /** Moves the crosshair to the slice with the largest area of a label map; false if it is empty. */
  goToLargest(layer) {
    const place = largestSlice(this.map(layer));
    if (place) {
      this.niivue.scene.crosshairPos = this.layers.get('image').convertMM2Frac([...place, 1]);
      this.redraw(false);
    }
    return place !== null;
  }

  /** The view as it was at first. */
  reset() {
    this.niivue.scene.pan2Dxyzmm = [0, 0, 0, 1];
    Object.assign(this.niivue.scene, { renderAzimuth: 110, renderElevation: 15 });
    this.redraw(false);
  }
}
