// The list of jobs, kept up to date while any of them waits or runs.

import { api, follow } from './api.js';
import { byId, element } from './dom.js';

const POLL_MS = 3000;

export class Worklist {
  /**
   * @param onOpen called with a job that the reader opens, or that ends while it is open
   * @param onFailure called with an error of the service, or null when it answers again
   */
  constructor(onOpen, onFailure) {
    this.onOpen = onOpen;
    this.onFailure = onFailure;
    this.jobs = [];
    this.current = null;
    this.followed = null;
    this.presented = null;
    this.drawn = '';
  }

  async start() {
    await this.refresh();
    // One connection for progress, and a poll for the rest: browsers allow six connections to a host.
    setInterval(() => document.hidden || this.refresh(), POLL_MS);
  }

  async refresh() {
    try {
      this.jobs = await api.jobs();
      this.onFailure(null);
      const hasEnded = this.followed?.id === this.current
        && this.jobs.some((job) => job.id === this.current && isEnded(job));
      this.follow();
      this.draw();
      if (hasEnded) {
        // The list was faster than the event, or the connection of the events broke off.
        await this.open(this.current);
      }
    } catch (error) {
      this.onFailure(error);
    }
  }

  /** Follows the open job if it has not ended, else the one that runs. */
  follow() {
    const waiting = this.jobs.filter((job) => job.state === 'queued' || job.state === 'running');
    const next = waiting.find((job) => job.id === this.current) ?? waiting.find((job) => job.state === 'running')
      ?? waiting[waiting.length - 1];
    if (next?.id === this.followed?.id) {
      return;
    }
    this.followed?.stop();
    this.followed = next ? { id: next.id, stop: follow(next.id, (job) => this.update(job)) } : null;
  }

  update(job) {
    this.jobs = this.jobs.map((other) => (other.id === job.id ? job : other));
    if (isEnded(job)) {
      this.followed = null;
      this.follow();
    }
    this.draw();
    if (job.id === this.current) {
      this.present(job);
    }
  }

  /** Hands an open job on, unless this is what was handed on before. */
  present(job) {
    const now = `${job.id} ${job.state} ${job.progress}`;
    if (this.presented !== now) {
      this.presented = now;
      this.onOpen(job);
    }
  }

  /** Opens a job by its id. */
  async open(id) {
    this.current = id;
    this.presented = null;
    this.follow();
    this.draw();
    try {
      const job = await api.job(id);
      // An event that was presented meanwhile is newer.
      if (id === this.current && this.presented === null) {
        this.present(job);
      }
    } catch (error) {
      this.onFailure(error);
    }
  }

  /** Opens the next (1) or previous (-1) job of the list. */
  move(step) {
    const at = this.jobs.findIndex((job) => job.id === this.current);
    const next = this.jobs[Math.min(this.jobs.length - 1, Math.max(0, at + step))];
    if (next && next.id !== this.current) {
      this.open(next.id);
    }
  }

  async remove(job) {
    if (!window.confirm(`Delete ${job.label} with its images and results?`)) {
      return;
    }
    try {
      await api.remove(job.id);
    } catch (error) {
      this.onFailure(error);
    }
    await this.refresh();
  }

  draw() {
    // A list that is rebuilt under the pointer loses the click.
    const content = JSON.stringify([this.current, this.jobs]);
    if (content === this.drawn) {
      return;
    }
    this.drawn = content;
    const focused = document.activeElement?.dataset?.job;
    const queued = this.jobs.filter((job) => job.state === 'queued').map((job) => job.id).reverse();
    byId('jobs-count').textContent = this.jobs.length ? `${this.jobs.length}` : '';
    byId('jobs-empty').hidden = this.jobs.length > 0;
    byId('jobs').replaceChildren(...this.jobs.map((job) => this.row(job, queued.indexOf(job.id) + 1)));
    if (focused) {
      document.querySelector(`[data-job="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  row(job, position) {
    const isCurrent = job.id === this.current;
    const progress = job.state === 'running'
      ? element('progress', { max: 1, value: job.progress, 'aria-label': `Progress of ${job.label}` }) : null;
    return element('li', { class: job.state, 'aria-current': isCurrent ? 'true' : false },
      element('button', { class: 'open', type: 'button', 'data-job': job.id, click: () => this.open(job.id) },
        element('span', { class: 'name' }, job.label),
        element('span', { class: 'state' }, stateText(job, position)), progress),
      job.state === 'running' ? null : element('button', {
        class: 'delete', type: 'button', 'aria-label': `Delete ${job.label}`, title: 'Delete',
        'data-job': `delete ${job.id}`, click: () => this.remove(job),
      }, '×'));
  }
}

function isEnded(job) {
  return job.state === 'done' || job.state === 'failed';
}

function stateText(job, position) {
  const word = {
    queued: `waiting, place ${position}`,
    running: `running, ${Math.round(job.progress * 100)} %`,
    done: time(job.ended ?? job.created),
    failed: `failed: ${job.error ?? 'no reason given'}`,
  }[job.state] ?? job.state;
  const delivery = { pending: ', on its way to the PACS', stored: ', in the PACS', failed: ', not accepted by the PACS' };
  return `${job.model.name}: ${word}${delivery[job.delivery] ?? ''}`;
}

function time(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? 'done' : at.toLocaleString([], { dateStyle: 'short', timeStyle: 'short' });
}
