// The page: opens the session and connects worklist, images and panel.

import { api } from './api.js';
import { Display, state } from './display.js';
import { byId } from './dom.js';
import { Intake } from './intake.js';
import { startKeys } from './keys.js';
import { openSession } from './login.js';
import { Scene } from './scene.js';
import { startTheme, toggleTheme } from './theme.js';
import { Worklist } from './worklist.js';

let display;
const scene = new Scene(byId('canvas'), (place) => { byId('place-text').textContent = display.describe(place); });
display = new Display(scene);

function click(id) {
  byId(id).click();
}

function plane(number) {
  document.querySelectorAll('input[name="planes"]')[number - 1].click();
}

function fade(step) {
  const opacity = byId('opacity');
  opacity.value = Number(opacity.value) + step;
  opacity.dispatchEvent(new Event('input'));
}

const STEPS = {
  ArrowUp: [0, 0, 1],
  ArrowDown: [0, 0, -1],
  // The patient's right is on the left.
  ArrowLeft: [1, 0, 0],
  ArrowRight: [-1, 0, 0],
  'Shift+ArrowUp': [0, 1, 0],
  'Shift+ArrowDown': [0, -1, 0],
};

function shortcuts(worklist) {
  const list = [
    { keys: ['1', '2', '3', '4', '5'], does: 'Four views, axial, coronal, sagittal, 3-D', run: plane },
    { keys: ['ArrowUp', 'ArrowDown'], does: 'Next slice up or down (images focused)', isForCanvas: true },
    { keys: ['ArrowLeft', 'ArrowRight'], does: 'Crosshair left or right', isForCanvas: true },
    { keys: ['Shift+ArrowUp', 'Shift+ArrowDown'], does: 'Crosshair to anterior or posterior', isForCanvas: true },
    { keys: ['G'], does: 'Go to the largest slice of the labels', run: () => click('go-largest') },
    { keys: ['L'], does: 'Labels shown or not', run: () => click('labels-shown') },
    { keys: ['O'], does: 'Labels as outlines or filled', run: () => click('outline') },
    { keys: ['+', '-'], does: 'More or less opaque labels', run: (key) => fade(key === '+' ? 10 : -10) },
    { keys: ['U'], does: 'Uncertainty shown or not', run: () => byId('uncertainty').hidden || click('uncertainty-shown') },
    { keys: ['C'], does: 'Comparison: first, second, difference', run: () => display.comparison.next() },
    { keys: ['X'], does: 'Crosshair shown or not', run: () => click('crosshair') },
    { keys: ['R'], does: 'Reset the view', run: () => click('reset') },
    { keys: ['T'], does: 'Light or dark', run: toggleTheme },
    { keys: ['?'], does: 'This list', run: () => click('help-open') },
  ];
  list.filter((one) => one.isForCanvas).forEach((one) => { one.run = (key) => scene.step(...STEPS[key]); });
  if (worklist) {
    list.push({ keys: ['J', 'K'], does: 'Next or previous job', run: (key) => worklist.move(key === 'J' ? 1 : -1) });
  }
  return list;
}

const FILES = {
  labels: 'Label map (NIfTI)',
  seg: 'Segmentation (DICOM SEG)',
  json: 'Result (JSON)',
  uncertainty: 'Uncertainty (NIfTI)',
  image: 'Image (NIfTI)',
};

function modelOf(job) {
  return `${job.model.name} (${job.model.version})`;
}

function overlayOf(job) {
  return { name: `${job.label}, ${job.model.name}`, url: job.result.files.labels, labels: job.result.labels, regions: job.result.regions };
}

/** A done job as what the display shows. */
function readingOf(job, jobs) {
  const result = job.result;
  return {
    title: job.label,
    detail: modelOf(job),
    image: result.files.image,
    overlay: overlayOf(job),
    regions: result.regions,
    guards: result.guards,
    warnings: result.warnings,
    uncertainty: result.files.uncertainty,
    files: Object.keys(FILES).filter((kind) => result.files[kind]).map((kind) => {
      const url = result.files[kind];
      return { name: FILES[kind], url, save: `${job.label.replace(/\W+/g, '-')}_${url.split('/').pop()}` };
    }),
    others: jobs.filter((other) => other.state === 'done' && other.id !== job.id).map((other) => ({
      key: other.id,
      name: `${other.label}, ${other.model.name}`,
      overlay: async () => overlayOf(await api.job(other.id)),
    })),
    preselected: null,
  };
}

function openJob(job, worklist) {
  if (job.state === 'done') {
    display.show(readingOf(job, worklist.jobs));
    return;
  }
  display.clear();
  if (job.state === 'failed') {
    state('failed', `${job.label} failed: ${job.error ?? 'no reason given'}`);
  } else {
    state('waiting', job.state === 'running' ? `${job.label} is running: ${Math.round(job.progress * 100)} %`
      : `${job.label} waits for its turn`);
  }
}

async function startService() {
  byId('worklist-side').hidden = false;
  const worklist = new Worklist((job) => openJob(job, worklist), (error) => {
    byId('connection').textContent = error ? error.message : '';
  });
  startKeys(shortcuts(worklist));
  const intake = new Intake(async (job) => {
    await worklist.refresh();
    await worklist.open(job.id);
  });
  await intake.start();
  await worklist.start();
  const newest = worklist.jobs.find((job) => job.state === 'done');
  if (newest) {
    await worklist.open(newest.id);
  } else {
    state('empty', 'Send a study, or open a job of the list');
  }
}

async function startView() {
  startKeys(shortcuts(null));
  const view = await api.view();
  const [first, ...rest] = view.overlays;
  await display.show({
    title: view.name,
    detail: first ? first.name : 'without labels',
    image: view.image,
    overlay: first ?? null,
    regions: null,
    guards: [],
    warnings: [],
    uncertainty: view.uncertainty ?? null,
    files: [],
    others: rest.map((overlay) => ({ key: overlay.url, name: overlay.name, overlay: async () => overlay })),
    preselected: rest[0]?.url ?? null,
  });
}

async function start() {
  startTheme();
  try {
    await scene.start();
  } catch (error) {
    state('failed', 'This browser has no WebGL 2, which the images need');
    throw error;
  }
  try {
    const session = await openSession();
    await (session.mode === 'view' ? startView() : startService());
  } catch (error) {
    state('failed', error.message);
  }
}

start();
