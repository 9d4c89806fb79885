// What a page does in the browser: language, search, filter, sorting, and opening what is linked to or printed. Without it the page shows
// everything, in English. ops/page/render-page.ts puts it into the page, whose policy lets nothing else run.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const words = byId("words") ? JSON.parse(byId("words").textContent) : undefined;
  const languages = ["en", "es"];
  let language = document.documentElement.lang;

  /** As `filled` in ops/texts.ts. A value may be a text with values of its own. */
  const text = (word, values) => {
    const [one, many = one] = words[word][languages.indexOf(language)].split("|");
    return (values.n === 1 ? one : many).replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name] ?? "";
      return typeof value === "object" ? text(value.word, value.values) : String(value);
    });
  };

  const speak = (wanted) => {
    language = wanted;
    document.documentElement.lang = wanted;
    for (const element of all("[data-word], [data-label]")) {
      const values = JSON.parse(element.dataset.values ?? "{}");
      if (element.dataset.word) element.textContent = text(element.dataset.word, values);
      else element.setAttribute("aria-label", text(element.dataset.label, values));
    }
    for (const button of all("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === wanted));
    }
    document.title = document.querySelector("h1").textContent;
  };

  if (words) {
    document.querySelector(".languages").hidden = false;
    for (const button of all("[data-language]")) button.addEventListener("click", () => speak(button.dataset.language));
    const wanted = navigator.languages.map((name) => name.slice(0, 2)).find((name) => languages.includes(name));
    if (wanted && wanted !== language) speak(wanted);
  }

  const table = byId("fleet");
  if (table) {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({
      row,
      name: row.cells[0].textContent.toLowerCase(),
      has: row.dataset.has.split(" "),
    }));
    const [search, show, shown] = [byId("search"), byId("show"), byId("shown")];

    const filter = () => {
      const [wanted, condition] = [search.value.trim().toLowerCase(), show.value];
      let count = 0;
      for (const { row, name, has } of rows) {
        const fits = name.includes(wanted) && (condition === "" || has.includes(condition));
        row.hidden = !fits;
        if (fits) count += 1;
      }
      shown.textContent = String(count);
    };

    const sort = (head) => {
      const index = head.cellIndex;
      const numbers = head.classList.contains("number");
      // The largest number first, names from the start of the alphabet; once more, the other way round.
      const sorted = head.getAttribute("aria-sort");
      const up = numbers ? sorted === "descending" : sorted !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = rows.map(({ row }) => {
        const cell = row.cells[index];
        return { row, key: numbers ? Number(cell.dataset.n) : cell.textContent };
      });
      const compare = numbers ? (a, b) => a.key - b.key : (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
      keyed.sort(up ? compare : (a, b) => compare(b, a));
      body.replaceChildren(...keyed.map(({ row }) => row));
    };

    search.addEventListener("input", filter);
    show.addEventListener("change", filter);
    search.form.addEventListener("submit", (event) => event.preventDefault());
    for (const head of table.tHead.rows[0].cells)
      head.querySelector("button").addEventListener("click", () => sort(head));
  }

  const openLinked = () => {
    const linked = location.hash.length > 1 ? byId(location.hash.slice(1)) : null;
    if (linked instanceof HTMLDetailsElement) linked.open = true;
  };
  addEventListener("hashchange", openLinked);
  openLinked();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
