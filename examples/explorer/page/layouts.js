"use strict";
// The layouts of a root with what changed from each to the next.

/** Returns the fields of a layout, each with a sign: + new, - gone since, ~ of another type. */
const compared = (fields, before) => {
  if (!before) return fields.map(([name, type]) => [" ", name, type]);
  const was = new Map(before);
  const signed = fields.map(([name, type]) => {
    const sign = !was.has(name) ? "+" : was.get(name) === type ? " " : "~";
    return [sign, name, sign === "~" ? `${type}, was ${was.get(name)}` : type];
  });
  const now = new Map(fields);
  return [...signed, ...before.filter(([name]) => !now.has(name)).map(([name, type]) => ["-", name, type])];
};

const SIGNS = { " ": "", "+": "new", "-": "gone", "~": "changed" };

/** Returns the history of a root, the newest layout first. */
const history_of = (root, schema) => {
  const view = make("div");
  view.append(make("p", root.declaration, "data"));
  if (root.index) view.append(make("p", `Index by ${root.index.definition}: ${root.index.state}`));
  if (schema.key) view.append(join("p", "", make("span", "Keys: ", "dim"), make("code", schema.key)));
  schema.layouts.map((layout, at) => [layout, at]).reverse().forEach(([layout, at]) => {
    const facts = root.layouts[at];
    const share = make("meter");
    Object.assign(share, { min: 0, max: 100, value: facts?.share ?? 0 });
    share.setAttribute("aria-label", "share of pages");
    const state = facts ? `${count(facts.pages, "page", "pages")}, ${facts.share} %` : "";
    view.append(make("h3", layout.name));
    view.append(join("p", "bar", share, state, make("span", facts?.current ? "current" : "", "good")));
    const before = at > 0 ? schema.layouts[at - 1].fields : undefined;
    if (layout.fields.length > 0) {
      const rows = compared(layout.fields, before).map(([sign, name, type]) =>
        [make("span", SIGNS[sign], sign === "-" ? "bad" : "good"), make("code", name), make("code", type)]);
      view.append(table(["", "Field", "Type"], rows));
    }
    if (facts) view.append(join("p", "dim", "Fingerprint ", make("code", facts.fingerprint)));
  });
  return view;
};
