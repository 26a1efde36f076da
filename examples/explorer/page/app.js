"use strict";
// The page: opens files, and shows the store or one of its roots.

const part = (id) => document.getElementById(id);
const state = { reader: null, store: null };

const failed = (why) => {
  part("error").textContent = why ?? "";
  part("error").hidden = !why;
};

/** Opens a file. The reader of the one before ends with all that it has. */
const open_file = async (file) => {
  state.reader?.stop();
  failed();
  part("choice").replaceChildren();
  part("store").hidden = true;
  part("welcome").hidden = false;
  part("close").hidden = false;
  const reader = (state.reader = new Reader(file, (bytes) => {
    part("status").textContent = `${file.name}: ${size(file.size)}, ${size(bytes)} read`;
  }));
  try {
    let store = await reader.opened;
    // A MemoryManager may have several stores.
    if (store.memories) {
      const memory = await choice_of(store.memories);
      if (state.reader === reader) store = await reader.ask("open", { bytes: file.size, memory });
    }
    if (state.reader !== reader) return;
    state.store = store;
    part("choice").replaceChildren();
    part("welcome").hidden = true;
    part("store").hidden = false;
    draw_roots();
    show_overview();
  } catch (error) {
    if (state.reader === reader) failed(`${file.name}: ${error.message}`);
  }
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
  mark(-1);
  part("view").replaceChildren(overview_of(state.reader, state.store, show_root, failed));
};

/** Shows a root: its entries, and its layouts. */
const show_root = (at, by = "all", text = "") => {
  failed();
  mark(at);
  const { facts, schema } = state.store;
  const root = facts.roots[at];
  const entries = new Entries(state.reader, root, (key) => show_root(table_of(root), "key", key), failed);
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
  state.reader = null;
  part("close").hidden = true;
  part("store").hidden = true;
  part("welcome").hidden = false;
  part("status").textContent = "";
  part("choice").replaceChildren();
  failed();
});
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
