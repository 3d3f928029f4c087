// The token: from the fragment of the address, or asked for.

import { api } from './api.js';
import { byId } from './dom.js';

/** The session of this page, after a login where the server wants one. */
export async function openSession() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    // The token shall stand neither in the history nor in a copied address.
    history.replaceState(null, '', location.pathname + location.search);
    await api.login(given);
  }
  for (;;) {
    try {
      const session = await api.session();
      if (!session.needsToken) {
        return session;
      }
    } catch (error) {
      if (error.status !== 401) {
        throw error;
      }
    }
    await ask();
  }
}

/** Asks until the server accepts a token. */
async function ask() {
  const dialog = byId('login');
  for (;;) {
    document.documentElement.dataset.state = 'login';
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    dialog.showModal();
    await new Promise((resolve) => { byId('login-form').addEventListener('submit', resolve, { once: true }); });
    try {
      await api.login(byId('token').value);
      byId('token').value = '';
      dialog.close();
      return;
    } catch (error) {
      byId('login-error').textContent = error.status === 401 || error.status === 403 ? 'Wrong token' : error.message;
      byId('login-error').hidden = false;
      dialog.close();
    }
  }
}
