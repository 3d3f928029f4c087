"use strict";
(function () {
  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  // Sorting: a click, or Enter or Space on a heading; numbers that do not exist stay last both ways.
  function sort(heading) {
    var table = heading.closest("table");
    var body = table.tBodies[0];
    var at = heading.cellIndex;
    var numeric = heading.classList.contains("number");
    var was = heading.getAttribute("aria-sort");
    var up = was === "none" ? !numeric : was === "descending";
    all("th[aria-sort]", table.tHead).forEach(function (other) { other.setAttribute("aria-sort", "none"); });
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    var rows = all("tr", body).map(function (row, place) {
      var value = row.cells[at].getAttribute("data-order");
      return { row: row, place: place, value: numeric ? Number(value) : value };
    });
    rows.sort(function (a, b) {
      if (numeric) {
        var none = (isNaN(a.value) ? 1 : 0) - (isNaN(b.value) ? 1 : 0);
        var by = isNaN(a.value) || isNaN(b.value) ? 0 : a.value - b.value;
        return none || (up ? by : -by) || a.place - b.place;
      }
      var words = a.value.localeCompare(b.value, "en", { numeric: true });
      return (up ? words : -words) || a.place - b.place;
    });
    rows.forEach(function (entry) { body.appendChild(entry.row); });
  }
  all("thead th button").forEach(function (button) {
    button.addEventListener("click", function () { sort(button.parentElement); });
  });

  all("button.copy").forEach(function (button) {
    button.addEventListener("click", function () {
      var source = button.parentElement.querySelector("pre");
      var range = document.createRange();
      range.selectNodeContents(source);
      var selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      var done = function () {
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = "Copy"; }, 1500);
      };
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(source.textContent).then(done, function () {});
      } else if (document.execCommand("copy")) {
        done();
      }
    });
  });

  all(".show-reference").forEach(function (box) {
    box.addEventListener("change", function () {
      box.closest(".gallery").classList.toggle("without-reference", !box.checked);
    });
  });

  var themes = ["system", "light", "dark"];
  var theme = "system";
  var button = document.getElementById("theme");
  function show() {
    if (theme === "system") {
      document.documentElement.removeAttribute("data-theme");
    } else {
      document.documentElement.setAttribute("data-theme", theme);
    }
    button.textContent = "Theme: " + theme;
  }
  // A page opened from a file may have no storage.
  try { theme = themes.indexOf(localStorage.getItem("preceptor-theme")) > 0 ? localStorage.getItem("preceptor-theme") : theme; } catch (e) { theme = "system"; }
  show();
  button.addEventListener("click", function () {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem("preceptor-theme", theme); } catch (e) { return show(); }
    show();
  });

  // What is folded away is printed too, but for the texts to paste.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = all("details:not([open]):not(.snippet)");
    opened.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (part) { part.open = false; });
  });
})();
