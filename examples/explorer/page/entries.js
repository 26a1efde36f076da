"use strict";
// The entries of a root, a page at a time.

const LONG = 160;

/** Returns a value as an element. */
const shown = (value) => {
  if (value === null || value === undefined) return make("span", value === null ? "none" : "", "dim");
  if (typeof value === "number") return make("div", String(value), "data number");
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.length <= LONG) return make("span", text, "data");
  return join("details", "", make("summary", `${text.slice(0, LONG)}…`, "data"), make("div", text, "data"));
};

const is_record = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the columns of rows: a part, or each field of a part that is a record in all of them. */
const columns_of = (rows) => {
  const parts = [...new Set(rows.flatMap(({ parts }) => Object.keys(parts)))];
  return parts.flatMap((part) => {
    const values = rows.map(({ parts }) => parts[part]).filter((value) => value !== undefined);
    if (!values.every(is_record)) return [{ title: part, part, of: (row) => row.parts[part] }];
    const fields = [...new Set(values.flatMap((value) => Object.keys(value)))];
    return fields.map((field) => ({ title: field, of: (row) => row.parts[part]?.[field] }));
  });
};

class Entries {
  /** `follow` is called with the key of the row to which an entry of an index leads. */
  constructor(reader, root, follow, failed) {
    Object.assign(this, { reader, root, follow, failed, pages: [], at: 0 });
    this.by = make("select");
    for (const [value, text] of [["all", "All"], ["prefix", "Beginning with"], ["key", "With key"], ["range", "In range"]]) {
      const option = make("option", text);
      option.value = value;
      this.by.append(option);
    }
    this.by.setAttribute("aria-label", "Which entries");
    this.text = make("input");
    this.text.type = "text";
    this.text.spellcheck = false;
    this.text.setAttribute("aria-label", "Key, beginning, or range A..B");
    this.text.placeholder = "text, number, or parts of a key as JSON";
    this.back = button("Previous", () => this.turn(-1));
    this.on = button("Next", () => this.turn(1));
    this.label = make("span", "", "dim");
    this.label.setAttribute("role", "status");
    this.rows = make("div");
    this.rows.id = "entries";
    const form = join("form", "bar", this.by, this.text, make("button", "Show"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.show();
    });
    // A text alone means entries that begin with it.
    this.text.addEventListener("input", () => this.by.value === "all" && this.text.value && (this.by.value = "prefix"));
    this.element = join("div", "", form, join("div", "bar", this.back, this.on, this.label), this.rows);
    this.draw();
  }

  /** Lists entries from the first one on. */
  async show(by = this.by.value, text = this.text.value) {
    [this.by.value, this.text.value] = [by, text];
    await this.list(() => this.reader.ask("entries", { root: this.root.name, by, text: by === "all" ? "" : text }), true);
  }

  async turn(step) {
    if (this.at + step in this.pages) {
      this.at += step;
      this.draw();
    } else {
      await this.list(() => this.reader.ask("next"), false);
    }
  }

  async list(ask, is_first) {
    [this.back, this.on].forEach((one) => (one.disabled = true));
    try {
      const page = await ask();
      this.pages = is_first ? [page] : [...this.pages, page];
      this.at = this.pages.length - 1;
      this.failed(page.error);
    } catch (error) {
      if (is_first) this.pages = [];
      this.failed(error);
    }
    this.draw();
  }

  draw() {
    const page = this.pages[this.at];
    this.back.disabled = this.at === 0;
    this.on.disabled = !page?.more;
    const before = this.pages.slice(0, this.at).reduce((sum, { rows }) => sum + rows.length, 0);
    const rows = page?.rows ?? [];
    const none = this.pages.length > 0 ? "No entries" : "";
    this.label.textContent = rows.length > 0
      ? `Entries ${number(before + 1)} to ${number(before + rows.length)}${page.more ? "" : ", the last one"}`
      : none;
    const columns = columns_of(rows);
    const has_layout = rows.some((row) => row.layout);
    const cells = rows.map((row) => {
      const values = columns.map((column) => this.cell(column, row));
      return has_layout ? [...values, make("span", row.layout ?? "", "dim")] : values;
    });
    const titles = [...columns.map(({ title }) => title), ...(has_layout ? ["layout"] : [])];
    this.rows.replaceChildren(...(rows.length > 0 ? [table(titles, cells)] : []));
  }

  cell({ part, of }, row) {
    const value = of(row);
    if (part !== "row" || !this.root.index) return shown(value);
    // Quoted or not, JSON is a key of any layout.
    return button(typeof value === "string" ? value : JSON.stringify(value), () => this.follow(JSON.stringify(value)), "link");
  }
}
