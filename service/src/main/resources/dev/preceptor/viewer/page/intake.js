// The form for a new job: files by a button or dropped, a model, a sequence.

import { api, upload } from './api.js';
import { byId, element } from './dom.js';

const AS_FOUND = 'as the files say';
const NIFTI = /\.(nii|nii\.gz)$/i;

export class Intake {
  /** @param onAccepted called with the job that the service has accepted */
  constructor(onAccepted) {
    this.onAccepted = onAccepted;
    this.files = [];
  }

  async start() {
    this.models = await api.models();
    byId('model').replaceChildren(...this.models.map((model) =>
      element('option', { value: `${model.name}@${model.version}` }, model.name)));
    byId('model').addEventListener('change', () => this.offerSequences());
    this.offerSequences();
    for (const id of ['files', 'folder']) {
      byId(id).addEventListener('change', () => this.choose([...byId(id).files]));
    }
    this.listenForDrops();
    byId('intake').addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
  }

  /** The sequences of the chosen model, for all files or, where several NIfTI files are chosen, for each. */
  offerSequences() {
    const isForEach = this.files.length > 1 && this.files.every((file) => NIFTI.test(file.name));
    byId('sequence-field').hidden = isForEach;
    byId('sequence').replaceChildren(element('option', { value: '' }, AS_FOUND), ...this.options());
    byId('chosen-files').replaceChildren(...(isForEach ? this.files : []).map((file) => {
      const choice = element('select', { 'aria-label': `Sequence of ${file.name}` }, ...this.options());
      choice.value = this.sequenceInName(file.name) ?? '';
      return element('li', {}, element('span', {}, file.name), choice);
    }));
  }

  options() {
    const model = this.models[byId('model').selectedIndex];
    return model.inputs.map((sequence) => element('option', { value: sequence }, sequence));
  }

  /** Proposes the sequence with which the name of a file ends; the reader sees it and may change it. */
  sequenceInName(name) {
    const ending = name.replace(NIFTI, '').toUpperCase().split(/[_-]/).pop();
    return this.models[byId('model').selectedIndex].inputs.find((sequence) => sequence === ending);
  }

  listenForDrops() {
    const drop = byId('drop');
    // The whole window takes a drop, so that a file beside the box does not replace the page.
    window.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    window.addEventListener('dragleave', (event) => event.relatedTarget || drop.classList.remove('over'));
    window.addEventListener('drop', async (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      this.choose(await droppedFiles(event.dataTransfer));
    });
  }

  choose(files) {
    this.files = files;
    const megabytes = files.reduce((sum, file) => sum + file.size, 0) / 1e6;
    byId('chosen').textContent = files.length === 0 ? 'Nothing chosen'
      : `${files.length === 1 ? files[0].name : `${files.length} files`}, ${megabytes.toFixed(1)} MB`;
    byId('send').disabled = files.length === 0;
    byId('intake-error').hidden = true;
    this.offerSequences();
  }

  form() {
    const form = new FormData();
    const sequences = [...byId('chosen-files').querySelectorAll('select')].map((choice) => choice.value);
    const missing = sequences.indexOf('');
    if (missing >= 0) {
      throw new Error(`${this.files[missing].name}: choose its sequence`);
    }
    form.append('model', byId('model').value);
    if (sequences.length === 0 && byId('sequence').value) {
      form.append('sequence', byId('sequence').value);
    }
    // Neither the service nor its logs need a name of a file, which may be that of a patient.
    this.files.forEach((file, at) => form.append(sequences[at] ?? 'file', file, `file-${at + 1}${ending(file.name)}`));
    return form;
  }

  async send() {
    byId('send').disabled = true;
    byId('sent').hidden = false;
    byId('intake-error').hidden = true;
    try {
      const job = await upload(this.form(), (part) => { byId('sent').value = part; });
      byId('files').value = '';
      byId('folder').value = '';
      this.choose([]);
      this.onAccepted(job);
    } catch (error) {
      byId('intake-error').textContent = error.message;
      byId('intake-error').hidden = false;
      byId('send').disabled = false;
    } finally {
      byId('sent').hidden = true;
    }
  }
}

function ending(name) {
  return /\.(nii\.gz|nii|zip|dcm)$/i.exec(name)?.[0] ?? '';
}

/** The files of a drop, with those in folders. */
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) {
    return [...transfer.files];
  }
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry) {
  if (entry.isFile) {
    return [await new Promise((resolve, reject) => { entry.file(resolve, reject); })];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // Browsers give at most a hundred entries a call.
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (some.length === 0) {
      return (await Promise.all(found.map(filesOf))).flat();
    }
    found.push(...some);
  }
}
