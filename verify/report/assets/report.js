// Search from every page, filters of the table of claims, and what a print needs. Without this script all is there to read.
"use strict";
(() => {
  const root = document.body.dataset.root;
  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  /* Search */
  const MOST = 12;
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const records = (window.LEMMATA_SEARCH || []).map(([address, id, title, place, verdict, words]) => ({
    address, id, title, place, verdict,
    key: plain(id), head: plain(`${title} ${place}`), all: plain(`${id} ${title} ${place} ${verdict} ${words}`),
  }));

  function found(query) {
    const words = plain(query).split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const score = (record) => words.reduce((sum, word) => {
      const short = record.key.slice(record.key.indexOf(".") + 1);
      if (record.key === word || short === word) return sum + 100;
      if (record.key.startsWith(word) || short.startsWith(word)) return sum + 40;
      if (record.key.includes(word)) return sum + 25;
      return sum + (record.head.includes(word) ? 10 : 1);
    }, 0);
    return records
      .filter((record) => words.every((word) => record.all.includes(word)))
      .map((record, place) => [score(record), place, record])
      .sort((a, b) => b[0] - a[0] || a[1] - b[1])
      .map((one) => one[2]);
  }

  const box = document.querySelector(".search");
  const input = document.getElementById("search");
  const list = document.getElementById("search-found");
  const said = document.getElementById("search-said");
  let shown = [];
  let chosen = -1;

  function choose(place) {
    chosen = place;
    [...list.querySelectorAll("[role=option]")].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === chosen));
      if (i === chosen) option.scrollIntoView({ block: "nearest" });
    });
    if (chosen >= 0) input.setAttribute("aria-activedescendant", `found-${chosen}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function open() {
    const query = input.value.trim();
    if (!query) { said.textContent = ""; close(); return; }
    const all = found(query);
    shown = all.slice(0, MOST);
    list.replaceChildren(...shown.map((record, i) => element("li", { role: "option", id: `found-${i}`, "aria-selected": "false" },
      element("span", { class: "found-title" }, element("code", {}, record.id), ` ${record.title}`),
      element("span", { class: "found-place" }, [record.verdict, record.place].filter(Boolean).join(" · ")))));
    said.textContent = !all.length ? `No claim has “${query}”.`
      : all.length > MOST ? `${all.length} claims found, the first ${MOST} are shown.`
      : `${all.length} ${all.length === 1 ? "claim" : "claims"} found.`;
    list.hidden = !shown.length;
    said.classList.toggle("quiet", shown.length > 0);
    input.setAttribute("aria-expanded", String(shown.length > 0));
    choose(shown.length ? 0 : -1);
  }

  if (box && records.length) {
    box.hidden = false;
    input.addEventListener("input", open);
    input.addEventListener("focus", open);
    input.addEventListener("blur", () => { said.classList.add("quiet"); close(); });
    // A press must not take the focus, and with it the list, away before it is let go.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) location.href = root + shown[[...list.children].indexOf(option)].address;
    });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && shown.length && !list.hidden) {
        event.preventDefault();
        choose((chosen + step + shown.length) % shown.length);
      } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
        event.preventDefault();
        location.href = root + shown[chosen].address;
      } else if (event.key === "Escape") {
        event.preventDefault();
        if (list.hidden) input.blur();
        else { input.value = ""; said.textContent = ""; close(); }
      }
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.focus();
        input.select();
      }
    });
  }

  /* The table of all claims. What is shown can be linked to: index.html#verdict=REFUTED&paper=spikes */
  const filters = document.querySelector(".filters");
  if (filters) {
    const table = document.querySelector("table.claims");
    const names = ["paper", "verdict", "standing", "method", "unexpected"];
    const rows = [...table.querySelectorAll("tbody tr:not(.group)")];

    const wanted = () => new Map([...new FormData(filters)].filter(([name, value]) => names.includes(name) && value));

    function apply() {
      const only = wanted();
      let number = 0;
      for (const row of rows) {
        const has = { ...row.dataset, paper: row.parentElement.dataset.paper };
        row.hidden = [...only].some(([name, value]) => has[name] !== value);
        number += !row.hidden;
      }
      for (const body of table.tBodies) body.hidden = ![...body.rows].some((row) => !row.hidden && !row.classList.contains("group"));
      filters.elements.shown.value = `${number} of ${rows.length} shown`;
    }

    function fromAddress() {
      const asked = new URLSearchParams(location.hash.slice(1));
      if (!names.some((name) => asked.has(name))) return;
      filters.reset();
      for (const name of names) {
        const control = filters.elements[name];
        if (!control || !asked.has(name)) continue;
        if (control.type === "checkbox") control.checked = asked.get(name) === control.value;
        else if ([...control.options].some((option) => (option.value || option.text) === asked.get(name))) control.value = asked.get(name);
      }
      apply();
      document.getElementById("claims").scrollIntoView();
    }

    filters.hidden = false;
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("change", () => {
      apply();
      const only = new URLSearchParams([...wanted()]).toString();
      history.replaceState(null, "", only ? `#${only}` : "#claims");
    });
    filters.addEventListener("reset", () => setTimeout(() => { apply(); history.replaceState(null, "", "#claims"); }));
    window.addEventListener("hashchange", fromAddress);
    apply();
    fromAddress();
  }

  /* What is wider than its place can be scrolled by keyboard too. */
  const scrollers = document.querySelectorAll(".wide, .control dd");
  function makeReachable() {
    for (const one of scrollers) {
      if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
      else one.removeAttribute("tabindex");
    }
  }
  makeReachable();
  window.addEventListener("resize", makeReachable);

  /* On paper nothing can be unfolded. */
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    unfolded.forEach((one) => { one.open = true; });
  });
  window.addEventListener("afterprint", () => unfolded.forEach((one) => { one.open = false; }));
})();
