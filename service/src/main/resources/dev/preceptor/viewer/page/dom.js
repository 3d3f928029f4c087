// Elements without markup in strings: text from files and models never becomes HTML.

/** The element of an id in index.html. */
export function byId(id) {
  return document.getElementById(id);
}

/** An element with attributes (a function is a listener) and children (elements or text). */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(key, value);
    } else if (value === true) {
      made.setAttribute(key, '');
    } else if (value !== false && value !== undefined && value !== null) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A square of a colour; what it stands for is written beside it. */
export function swatch(colour) {
  const made = element('span', { class: 'swatch', 'aria-hidden': 'true' });
  made.style.setProperty('--colour', colour);
  return made;
}

/** Millilitres with a precision that a reader can use. */
export function millilitres(volume) {
  return `${volume >= 100 ? volume.toFixed(0) : volume.toFixed(volume >= 10 ? 1 : 2)} mL`;
}
