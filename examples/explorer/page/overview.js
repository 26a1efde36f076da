"use strict";
// The store as a whole: sizes, the picture of the memory, and the check.

/**
 * Returns the view of the store. A memory of up to `small` pages is drawn at once. `open` is called
 * with the position of a root.
 */
const overview_of = (reader, { facts }, small, open, failed) => {
  const view = make("div");
  view.append(make("h2", "Store"));
  view.append(make("p",
    `${count(facts.roots.length, "root", "roots")}, ${count(facts.pages, "page", "pages")} of 4 KiB, ` +
    `${number(facts.free_pages)} of them free, in ${size(facts.memory_bytes)} of memory`));
  for (const why of facts.damaged) view.append(make("p", why, "bad"));
  const rows = facts.roots.map((root, at) => [
    join("span", "", swatch(color(at)), button(root.name, () => open(at), "link")),
    make("code", root.declaration.slice(root.name.length + 2)),
    root.entries, root.pages, make("div", size(root.bytes), "number"), root.sweep_pages,
  ]);
  view.append(table(["Root", "Collection", "Entries", "Pages", "Bytes", "Pages to sweep"], rows));
  view.append(make("h3", "Memory"), picture_of(reader, facts, small, open, failed));
  view.append(make("h3", "Check"), check_of(reader, facts, failed));
  return view;
};

const picture_of = (reader, facts, small, open, failed) => {
  const place = make("div");
  place.id = "picture";
  const draw = async () => {
    place.replaceChildren(make("p", "Reading the headers of all pages…", "dim"));
    try {
      place.replaceChildren(new Picture(facts, await reader.ask("picture"), open).element);
    } catch (error) {
      place.replaceChildren();
      failed(error);
    }
  };
  if (facts.pages <= small) draw();
  else place.append(button(`Draw the memory: reads ${size(facts.pages * 4096)}`, draw));
  return place;
};

const check_of = (reader, facts, failed) => {
  const place = make("div");
  place.id = "check";
  const check = async () => {
    place.replaceChildren(make("p", "Reading all pages…", "dim"));
    try {
      const found = await reader.ask("verify");
      const words = found.count === 0 ? "Everything is whole." : `${count(found.count, "fault", "faults")}:`;
      place.replaceChildren(make("p", words, found.count === 0 ? "good" : "bad"),
        ...found.faults.map((fault) => make("p", fault)));
    } catch (error) {
      place.replaceChildren();
      failed(error);
    }
  };
  place.append(button(`Check everything: reads ${size(facts.pages * 4096)}`, check));
  return place;
};
