// The calls of the HTTP interface.

/** An answer other than success, with the server's one line of text. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function failure(response) {
  const text = await response.text();
  return new ApiError(response.status, messageOf(text) || `the server answered ${response.status}`);
}

function messageOf(text) {
  try {
    const body = JSON.parse(text);
    return body.error ?? body.detail ?? body.title ?? '';
  } catch {
    return text.slice(0, 300);
  }
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...options });
  } catch {
    throw new ApiError(0, 'the server does not answer; is it still running?');
  }
  if (!response.ok) {
    throw await failure(response);
  }
  return response.status === 204 ? null : response.json();
}

export const api = {
  session: () => call('/api/session'),
  view: () => call('/api/view'),
  models: () => call('/api/models'),
  jobs: () => call('/api/jobs?limit=200'),
  job: (id) => call(`/api/jobs/${encodeURIComponent(id)}`),
  remove: (id) => call(`/api/jobs/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  login: (token) =>
    call('/api/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    }),
};

/** Calls back with each state of a job until it has ended; the function returned stops it. */
export function follow(id, onJob) {
  const events = new EventSource(`/api/jobs/${encodeURIComponent(id)}/events`);
  events.addEventListener('job', (event) => {
    const job = JSON.parse(event.data);
    if (job.state === 'done' || job.state === 'failed') {
      events.close();
    }
    onJob(job);
  });
  return () => events.close();
}

/** Sends files as a job; fetch has no progress of an upload. */
export function upload(form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/jobs');
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', (event) => onProgress(event.loaded / Math.max(1, event.total)));
    request.addEventListener('error', () =>
      reject(new ApiError(0, 'the upload broke off; the server may have refused its size')));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText));
      } else {
        const text = messageOf(request.responseText);
        reject(new ApiError(request.status, text || `the server answered ${request.status}`));
      }
    });
    request.send(form);
  });
}
