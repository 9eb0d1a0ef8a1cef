// Search, keys, colours, the menu of a narrow screen. Pages read well without any of it.
(function () {
  "use strict";
  var root = document.documentElement;
  var base = root.dataset.root || "";
  var at = function (id) { return document.getElementById(id); };

  // Colours: the other one than is shown, remembered.
  var dark = function () {
    var chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  var label = function () {
    var button = at("colours");
    button.textContent = dark() ? "☀ Light" : "☾ Dark";
    button.setAttribute("aria-label", dark() ? "Light colours" : "Dark colours");
  };
  at("colours").addEventListener("click", function () {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("omt-colours", root.dataset.theme); } catch (refused) { /* for this page only */ }
    label();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();

  // Pages on a narrow screen.
  at("menu").addEventListener("click", function () {
    var open = document.body.classList.toggle("menu-open");
    at("menu").setAttribute("aria-expanded", String(open));
  });
  var current = document.querySelector("#pages [aria-current]");
  if (current && current.offsetParent) {
    var pages = at("pages");
    var middle = current.offsetTop - pages.clientHeight / 2;
    if (middle > 0) pages.scrollTop = middle;
  }

  // Where one reads, in the contents.
  var links = Array.from(document.querySelectorAll("#contents a"));
  var headings = links.map(function (link) { return at(decodeURIComponent(link.hash.slice(1))); });
  var follow = function () {
    var here = -1;
    headings.forEach(function (heading, i) {
      if (heading && heading.getBoundingClientRect().top < 120) here = i;
    });
    links.forEach(function (link, i) { link.classList.toggle("here", i === here); });
    // Long contents go along.
    var link = links[here], beside = link && link.closest("aside");
    if (!beside || beside.scrollHeight <= beside.clientHeight) return;
    var top = link.getBoundingClientRect().top - beside.getBoundingClientRect().top;
    if (top < 40 || top > beside.clientHeight - 60) beside.scrollTop += top - beside.clientHeight / 3;
  };
  if (links.length) {
    addEventListener("scroll", follow, { passive: true });
    follow();
  }

  // A picture that is wider than the page fits it at first, and has its size when that is wanted; one of details the other
  // way round, with its beginning in the middle.
  document.querySelectorAll(".picture").forEach(function (frame) {
    var svg = frame.querySelector("svg");
    if (!svg) return;
    if (svg.getBoundingClientRect().width <= frame.clientWidth - 32) return;
    var button = document.createElement("button");
    button.type = "button";
    var show = function (whole) {
      frame.classList.toggle("whole", whole);
      var start = svg.querySelector(".start");
      if (!whole && start) {
        var off = start.getBoundingClientRect().left - frame.getBoundingClientRect().left;
        frame.scrollLeft += off - frame.clientWidth / 2;
      }
      button.textContent = whole ? "Show at full size" : "Fit to the page";
    };
    button.addEventListener("click", function () { show(!frame.classList.contains("whole")); });
    frame.parentElement.querySelector("figcaption").prepend(button, " ");
    show(!frame.classList.contains("details"));
  });

  // Who takes part, and the times, stay in sight while one scrolls in a sequence chart.
  document.querySelectorAll(".picture").forEach(function (frame) {
    var svg = frame.querySelector("svg"), heads = svg ? svg.querySelectorAll(".lifeline + .node") : [];
    if (!heads.length) return;
    var held = function (things, box) {
      var group = document.createElementNS(svg.namespaceURI, "g");
      var back = document.createElementNS(svg.namespaceURI, "rect");
      back.setAttribute("class", "page");
      Object.keys(box).forEach(function (key) { back.setAttribute(key, box[key]); });
      group.append(back);
      things.forEach(function (thing) { group.append(thing); });
      svg.append(group);
      return group;
    };
    var size = svg.viewBox.baseVal, times = svg.querySelectorAll("text.time");
    var right = 0;
    times.forEach(function (time) { var box = time.getBBox(); right = Math.max(right, box.x + box.width); });
    var head = heads[0].getBBox();
    var left = right ? held(times, { x: 0, y: 0, width: right + 6, height: size.height }) : null;
    var top = held(heads, { x: 0, y: 0, width: size.width, height: head.y + head.height + 2 });
    var hold = function () {
      var shown = svg.getBoundingClientRect(), seen = frame.getBoundingClientRect();
      var scale = shown.width ? size.width / shown.width : 1;
      if (left) left.setAttribute("transform", "translate(" + Math.max(0, (seen.left - shown.left) * scale) + " 0)");
      top.setAttribute("transform", "translate(0 " + Math.max(0, (seen.top - shown.top) * scale) + ")");
    };
    frame.addEventListener("scroll", hold, { passive: true });
    addEventListener("resize", hold);
    hold();
  });

  // Search. The index is a script, loaded when it is wanted: a page from a disk may fetch nothing.
  var dialog = at("search"), query = at("query"), found = at("found"), count = at("count");
  var shown = [], selected = 0, loading = null;
  var load = function () {
    if (!loading) loading = new Promise(function (done) {
      var script = document.createElement("script");
      script.src = base + "search.js";
      script.onload = function () { done(window.omtIndex || []); };
      script.onerror = function () { done([]); };
      document.head.appendChild(script);
    });
    return loading;
  };
  // How well an entry fits: all words must occur; names before texts, beginnings before middles.
  var score = function (entry, words) {
    var title = entry[1].toLowerCase(), kind = entry[2].toLowerCase(), text = entry[3].toLowerCase(), total = 0;
    for (var i = 0; i < words.length; i++) {
      var word = words[i], points = 0;
      if (title === word) points = 100;
      else if (title.startsWith(word)) points = 60;
      else if (new RegExp("(^|[^a-z0-9])" + word.replace(/[^a-z0-9]/g, "\\$&")).test(title)) points = 40;
      else if (title.includes(word)) points = 25;
      else if (kind.includes(word)) points = 8;
      else if (text.includes(word)) points = 5;
      else return 0;
      total += points;
    }
    return total + Math.max(0, 10 - title.length / 10);
  };
  var marked = function (text, words) {
    var span = document.createElement("span"), low = text.toLowerCase(), from = 0;
    while (from < text.length) {
      var next = -1, length = 0;
      words.forEach(function (word) {
        var i = low.indexOf(word, from);
        if (i >= 0 && (next < 0 || i < next)) { next = i; length = word.length; }
      });
      if (next < 0) break;
      span.append(text.slice(from, next));
      var mark = document.createElement("mark");
      mark.textContent = text.slice(next, next + length);
      span.append(mark);
      from = next + length;
    }
    span.append(text.slice(from));
    return span;
  };
  var around = function (text, words) {
    var low = text.toLowerCase(), first = text.length;
    words.forEach(function (word) { var i = low.indexOf(word); if (i >= 0) first = Math.min(first, i); });
    if (first === text.length) first = 0;
    var from = Math.max(0, first - 50);
    return (from > 0 ? "… " : "") + text.slice(from, from + 160) + (from + 160 < text.length ? " …" : "");
  };
  var select = function (index) {
    selected = Math.max(0, Math.min(index, shown.length - 1));
    Array.from(found.children).forEach(function (item, i) {
      item.setAttribute("aria-selected", String(i === selected));
      if (i === selected) {
        query.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    });
  };
  var go = function () {
    if (!shown[selected]) return;
    dialog.close();
    location.href = base + shown[selected][0];
  };
  var search = function () {
    load().then(function (index) {
      var words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
      var ranked = [];
      if (words.length) index.forEach(function (entry, i) {
        var points = score(entry, words);
        if (points > 0) ranked.push([points, i, entry]);
      });
      ranked.sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; });
      shown = ranked.slice(0, 30).map(function (r) { return r[2]; });
      found.replaceChildren();
      shown.forEach(function (entry, i) {
        var item = document.createElement("li");
        item.id = "found-" + i;
        item.setAttribute("role", "option");
        item.append(marked(entry[1], words), " ");
        var what = document.createElement("span");
        what.className = "what";
        what.textContent = entry[2];
        item.append(what);
        if (entry[3]) {
          var text = document.createElement("span");
          text.className = "text";
          text.append(marked(around(entry[3], words), words));
          item.append(text);
        }
        item.addEventListener("click", function () { selected = i; go(); });
        item.addEventListener("mousemove", function () { if (selected !== i) select(i); });
        found.append(item);
      });
      found.hidden = shown.length === 0;
      query.setAttribute("aria-expanded", String(shown.length > 0));
      query.removeAttribute("aria-activedescendant");
      count.textContent = !words.length ? "Type a name, a code or words."
        : ranked.length === 0 ? "Nothing found."
        : ranked.length > 30 ? "The best 30 of " + ranked.length + "." : ranked.length + " found.";
      select(0);
    });
  };
  var open = function () {
    if (dialog.open) return;
    dialog.showModal();
    query.select();
    search();
  };
  at("find").addEventListener("click", open);
  query.addEventListener("input", search);
  query.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") select(selected + 1);
    else if (event.key === "ArrowUp") select(selected - 1);
    else if (event.key === "Enter") go();
    // A browser would clear the text first.
    else if (event.key === "Escape") dialog.close();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
  addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing) { event.preventDefault(); open(); return; }
    if (typing || dialog.open) return;
    var step = event.key === "[" ? "prev" : event.key === "]" ? "next" : null;
    var link = step && document.querySelector('.around a[rel="' + step + '"]');
    if (link) link.click();
  });
})();
