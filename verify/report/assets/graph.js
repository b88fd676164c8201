// Draws the dependency graph of a paper, or a claim with what it rests on and what rests on it: graph.html#multistage.eq7.
"use strict";
(() => {
  const data = window.LEMMATA_GRAPH;
  const section = document.querySelector(".drawing");
  const canvas = document.getElementById("canvas");
  const select = document.getElementById("focus");
  const said = document.getElementById("focus-said");
  if (!data || !data.claims.length || !window.Viz) return;

  const claims = new Map(data.claims.map((claim) => [claim.id, claim]));
  const byAnchor = new Map(data.claims.map((claim) => [claim.anchor, claim]));
  const papers = new Map(data.papers.map(([name, anchor, title]) => [anchor, { name, anchor, title }]));
  const users = new Map(data.claims.map((claim) => [claim.id, []]));
  for (const claim of data.claims) for (const used of claim.uses) users.get(used).push(claim.id);

  /** All ids that can be reached from a claim along `next`, without the claim itself. */
  function reached(id, next) {
    const seen = new Set();
    const waiting = [...next(id)];
    while (waiting.length) {
      const one = waiting.pop();
      if (seen.has(one) || one === id) continue;
      seen.add(one);
      waiting.push(...next(one));
    }
    return seen;
  }

  /** A title in lines of about `width` characters, three at most. */
  function wrapped(text, width) {
    const lines = [""];
    for (const word of text.split(/\s+/)) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= width) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.length > 3 ? [...lines.slice(0, 2), `${lines[2]} …`] : lines;
  }

  // The page's typeface may be wider than the one that Graphviz reckons with.
  const FONT = 12;
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${FONT}px ${getComputedStyle(document.body).fontFamily}`;
  const inches = (lines) => (Math.max(...lines.map((line) => pen.measureText(line).width)) + 18) / 72;

  function drawingOf(ids, focus) {
    const shown = new Set(ids);
    const titled = focus && shown.size <= 40;
    const nodes = ids.map((id) => {
      const claim = claims.get(id);
      const name = `${claim.sign} ${claim.short}`;
      const lines = titled ? [name, ...wrapped(claim.title, 30)] : [name];
      return {
        name: claim.anchor,
        attributes: {
          label: lines.join("\n"),
          width: inches(lines),
          class: `s-${claim.standing}${claim.expected ? "" : " surprise"}${claim === focus ? " focus" : ""}`,
          URL: claim === focus ? claim.page : `#${claim.anchor}`,
          tooltip: `${claim.id}: ${claim.title} (${claim.label})`,
        },
      };
    });
    const edges = ids.flatMap((id) => claims.get(id).uses.filter((used) => shown.has(used))
      .map((used) => ({ tail: claims.get(used).anchor, head: claims.get(id).anchor, attributes: {} })));
    return {
      graphAttributes: { rankdir: "LR", nodesep: titled ? 0.2 : 0.12, ranksep: titled ? 0.5 : 0.55, bgcolor: "transparent" },
      nodeAttributes: { shape: "box", style: "rounded,filled", fontname: "Helvetica", fontsize: FONT, height: 0.3, margin: "0.11,0.05" },
      edgeAttributes: { arrowsize: 0.6 },
      nodes, edges,
    };
  }

  let viz = null;
  let size = null;
  let scale = 1;
  let current = null;

  function zoom(to) {
    if (!size) return;
    scale = Math.min(3, Math.max(0.2, to));
    const svg = canvas.querySelector("svg");
    svg.setAttribute("width", `${size[0] * scale}`);
    svg.setAttribute("height", `${size[1] * scale}`);
  }
  const fitting = () => Math.min(1.15, (canvas.clientWidth - 24) / size[0]);

  function draw() {
    const asked = decodeURIComponent(location.hash.slice(1));
    const focus = byAnchor.get(asked) || claims.get(asked) || null;
    const paper = papers.get(asked) || (focus && [...papers.values()].find((one) => one.name === focus.paper)) || papers.values().next().value;
    let ids;
    if (focus) {
      const below = reached(focus.id, (id) => claims.get(id).uses);
      const above = reached(focus.id, (id) => users.get(id));
      ids = data.claims.map((claim) => claim.id).filter((id) => id === focus.id || below.has(id) || above.has(id));
      const open = document.createElement("a");
      open.href = focus.page;
      open.textContent = `${focus.id}: ${focus.title}`;
      const all = document.createElement("a");
      all.href = `#${paper.anchor}`;
      all.textContent = `show all of ${paper.name}`;
      said.replaceChildren(open, ` (${focus.label}) rests on ${below.size} of the claims, and ${above.size} rest on it; `, all, ".");
    } else {
      const own = data.claims.filter((claim) => claim.paper === paper.name);
      const alone = own.filter((claim) => !claim.uses.length && !users.get(claim.id).length);
      ids = own.filter((claim) => !alone.includes(claim)).map((claim) => claim.id);
      if (!ids.length) ids = own.map((claim) => claim.id);
      const more = own.length - ids.length;
      said.textContent = `${ids.length} claims of ${paper.title}` + (more ? `; ${more} more stand alone and are in the list below.` : ".");
    }
    select.value = focus ? focus.anchor : paper.anchor;
    current = focus ? focus.anchor : null;
    const svg = viz.renderSVGElement(drawingOf(ids, focus));
    size = [svg.viewBox.baseVal.width * 4 / 3, svg.viewBox.baseVal.height * 4 / 3];
    describe(svg, ids);
    canvas.replaceChildren(svg);
    zoom(Math.max(0.55, fitting()));
    const middle = focus && canvas.querySelector(".focus");
    if (middle) {
      const at = middle.getBoundingClientRect(), frame = canvas.getBoundingClientRect();
      canvas.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
      canvas.scrollTop += at.top + at.height / 2 - frame.top - frame.height / 2;
    }
    canvas.dataset.drawn = asked || paper.anchor;
  }

  /** Names for those who hear the drawing; arrows are in the list below it. */
  function describe(svg, ids) {
    svg.removeAttribute("xmlns:xlink");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", `${ids.length} claims; the list below says what rests on what`);
    for (const title of svg.querySelectorAll("title")) title.remove();
    for (const edge of svg.querySelectorAll(".edge")) edge.setAttribute("aria-hidden", "true");
    for (const link of svg.querySelectorAll(".node a")) {
      const name = link.getAttribute("xlink:title");
      link.setAttribute("href", link.getAttribute("xlink:href"));
      link.setAttribute("aria-label", name);
      const tip = document.createElementNS("http://www.w3.org/2000/svg", "title");
      tip.textContent = name;
      link.prepend(tip);
      for (const old of ["xlink:href", "xlink:title"]) link.removeAttribute(old);
    }
  }

  /** The nearest claim in the direction of an arrow key. */
  function neighbour(from, dx, dy) {
    const centre = (link) => { const box = link.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
    const [x, y] = centre(from);
    let best = null;
    let least = Infinity;
    for (const link of canvas.querySelectorAll(".node a")) {
      const [p, q] = centre(link);
      const along = (p - x) * dx + (q - y) * dy;
      const across = Math.abs((p - x) * dy) + Math.abs((q - y) * dx);
      if (along > 2 && along + 2 * across < least) { least = along + 2 * across; best = link; }
    }
    return best;
  }

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const link = event.target.closest(".node a");
    if (arrow && link) {
      event.preventDefault();
      const next = neighbour(link, ...arrow);
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    } else if (event.key === "+" || event.key === "=") zoom(scale * 1.25);
    else if (event.key === "-") zoom(scale / 1.25);
    else if (event.key === "0") zoom(fitting());
    else if (event.key === "Escape" && current) {
      const paper = byAnchor.get(current).paper;
      location.hash = [...papers.values()].find((one) => one.name === paper).anchor;
    }
  });
  document.querySelector(".zoom").addEventListener("click", (event) => {
    const step = event.target.dataset.zoom;
    if (step) zoom(step === "fit" ? fitting() : step === "in" ? scale * 1.25 : scale / 1.25);
  });
  select.addEventListener("change", () => { location.hash = select.value; });

  // The focus on a claim stays with it when the drawing changes. The browser takes it away when the address does.
  let keep = false;
  canvas.addEventListener("click", () => { keep = true; });
  canvas.addEventListener("keydown", (event) => { keep = keep || event.key === "Escape"; });

  function redraw(byReader) {
    draw();
    if (keep) (canvas.querySelector(".focus a") || canvas).focus({ preventScroll: true });
    keep = false;
    if (byReader && location.hash.length > 1) section.scrollIntoView({ block: "start" });
  }

  window.Viz.instance().then((instance) => {
    viz = instance;
    section.hidden = false;
    redraw(true);
    window.addEventListener("hashchange", () => redraw(true));
  });
})();
