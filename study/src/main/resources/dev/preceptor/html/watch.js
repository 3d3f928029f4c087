(function () {
  var pause = 2000;

  // What a reader opened or closed stays so when its part is exchanged.
  function exchange(part, html) {
    var open = {};
    Array.prototype.forEach.call(part.querySelectorAll("details > summary"), function (summary) {
      open[summary.textContent] = summary.parentElement.open;
    });
    var box = part.querySelector(".show-reference");
    var hidden = box && !box.checked;
    part.innerHTML = html;
    Array.prototype.forEach.call(part.querySelectorAll("details > summary"), function (summary) {
      if (summary.textContent in open) { summary.parentElement.open = open[summary.textContent]; }
    });
    if (hidden) {
      part.querySelector(".show-reference").checked = false;
      part.querySelector(".gallery").classList.add("without-reference");
    }
  }

  function renew(part) {
    return fetch("/" + part.id + "?v=" + part.getAttribute("data-version"), { cache: "no-store" }).then(function (answer) {
      if (answer.status !== 200) { return null; }
      return answer.text().then(function (html) {
        part.setAttribute("data-version", answer.headers.get("X-Version"));
        exchange(part, html);
      });
    });
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches(".show-reference")) {
      event.target.closest(".gallery").classList.toggle("without-reference", !event.target.checked);
    }
  });

  var parts = Array.prototype.slice.call(document.querySelectorAll(".live"));
  function tick() {
    Promise.all(parts.map(renew)).then(
      function () { document.body.classList.remove("gone"); },
      function () { document.body.classList.add("gone"); }
    ).then(function () { setTimeout(tick, document.hidden ? 5 * pause : pause); });
  }
  setTimeout(tick, pause);
})();
