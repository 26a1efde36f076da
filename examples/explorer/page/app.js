"use strict";
// The page: opens files and canisters, and shows the store or one of its roots.

const part = (id) => document.getElementById(id);
const state = { reader: null, store: null, source: null, entries: null };

/** Shows why something failed, as a text or an error. */
const failed = (why) => {
  part("error").textContent = why?.message ?? why ?? "";
  part("error").hidden = !why;
  // A canister is read no more after a failure, until it is opened again.
  const is_open = !part("store").hidden;
  part("again").hidden = !(state.source?.repeats && (why?.kind === "changed" || (is_open && why?.kind)));
};

/**
 * Opens a source, which has a name, the request that opens it, perhaps a file and a note for its
 * status, and the number of pages up to which its memory is drawn at once (`small`). One that
 * `repeats` can be opened again. The reader of the one before ends with all that it has. Returns
 * `true` if the source is open.
 */
const open = async (source) => {
  state.reader?.stop();
  Object.assign(state, { source, entries: null });
  part("choice").replaceChildren();
  part("store").hidden = true;
  part("welcome").hidden = false;
  part("close").hidden = false;
  failed();
  let [bytes, read] = [source.file?.size, 0];
  const show_status = () => {
    const of = bytes === undefined ? "" : `${size(bytes)}, `;
    part("status").textContent = `${source.name}: ${of}${size(read)} read${source.note ?? ""}`;
  };
  const reader = (state.reader = new Reader(source.request, source.file, (so_far) => {
    read = so_far;
    show_status();
  }));
  try {
    let store = await reader.opened;
    // A MemoryManager may have several stores.
    if (store.memories) {
      const memory = await choice_of(store.memories);
      if (state.reader === reader) store = await reader.ask("open", { ...source.request, memory });
    }
    if (state.reader !== reader) return false;
    bytes ??= store.facts.memory_bytes;
    show_status();
    state.store = store;
    part("choice").replaceChildren();
    part("welcome").hidden = true;
    part("store").hidden = false;
    draw_roots();
    show_overview();
    return true;
  } catch (error) {
    const why = await source.explain?.(error);
    error.message = `${source.name}: ${error.message}${why ?? ""}`;
    if (state.reader === reader) failed(error);
    return false;
  }
};

/** The headers of so many pages of a file are in 64 MiB. */
const SMALL_FILE = 16_384;

const open_file = (file) => open({
  name: file.name, file, small: SMALL_FILE, request: { ask: "open", bytes: file.size },
});

/** Opens the source again, and shows the root that was shown. */
const open_again = async () => {
  const { entries, source } = state;
  if (!(await open(source)) || !entries) return;
  const at = state.store.facts.roots.findIndex((root) => root.name === entries.root.name);
  if (at >= 0) show_root(at, entries.by.value, entries.text.value);
};

/** Returns the memory of a MemoryManager that somebody chooses. */
const choice_of = (memories) => new Promise((chosen) => {
  const buttons = memories.map((memory) => button(`Memory ${memory}`, () => chosen(memory)));
  part("choice").replaceChildren(make("span", "Several memories hold a store:"), ...buttons);
  buttons[0].focus();
});

/** Returns the position of the table that an index is about, or -1. */
const table_of = (root) => {
  const roots = state.store.facts.roots;
  let best = -1;
  roots.forEach((other, at) => {
    const is_longer = best < 0 || roots[best].name.length < other.name.length;
    if (root.index && other.kind === "Table" && root.name.startsWith(`${other.name}.`) && is_longer) best = at;
  });
  return best;
};

const draw_roots = () => {
  const roots = state.store.facts.roots;
  const item = (text, note, act) => {
    const one = button("", act);
    one.append(make("span", text, "name"), make("span", note, "dim"));
    return join("li", "", one);
  };
  const list = part("roots");
  list.replaceChildren(item("Store", "", show_overview));
  const items = roots.map((root, at) => {
    const one = item(root.name, number(root.entries), () => show_root(at));
    one.firstChild.prepend(swatch(color(at)));
    one.firstChild.title = root.declaration;
    return one;
  });
  // Indexes are below their tables.
  roots.forEach((root, at) => {
    const above = table_of(root);
    if (above < 0) return list.append(items[at]);
    if (!items[above].querySelector("ul")) items[above].append(make("ul"));
    items[above].querySelector("ul").append(items[at]);
  });
};

const mark = (position) => {
  const roots = state.store.facts.roots;
  part("roots").querySelectorAll("button").forEach((one) => {
    const is_here = position < 0 ? one === part("roots").querySelector("button") : one.title === roots[position].declaration;
    if (is_here) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  });
};

const show_overview = () => {
  failed();
  state.entries = null;
  mark(-1);
  part("view").replaceChildren(overview_of(state.reader, state.store, state.source.small, show_root, failed));
};

/** Shows a root: its entries, and its layouts. */
const show_root = (at, by = "all", text = "") => {
  failed();
  mark(at);
  const { facts, schema } = state.store;
  const root = facts.roots[at];
  const entries = (state.entries = new Entries(state.reader, root, (key) => show_root(table_of(root), "key", key), failed));
  const layouts = join("details", "", make("summary", "Layouts and their history"), history_of(root, schema[at]));
  layouts.id = "layouts";
  const sizes = `${count(root.entries, "entry", "entries")} in ${count(root.pages, "page", "pages")}`;
  part("view").replaceChildren(make("h2", root.name), make("p", `${root.kind}, ${sizes}`, "dim"), layouts, entries.element);
  part("view").focus();
  entries.show(by, text);
};

part("file").addEventListener("change", ({ target }) => target.files[0] && open_file(target.files[0]));
part("close").addEventListener("click", () => {
  state.reader?.stop();
  Object.assign(state, { reader: null, source: null, entries: null });
  part("close").hidden = true;
  part("store").hidden = true;
  part("welcome").hidden = false;
  part("status").textContent = "";
  part("choice").replaceChildren();
  failed();
});
part("again").firstChild.addEventListener("click", open_again);
part("roots").addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step) return;
  const all = [...part("roots").querySelectorAll("button")];
  all[all.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
});
for (const name of ["dragover", "dragleave", "drop"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files[0]) open_file(event.dataTransfer.files[0]);
  });
}
