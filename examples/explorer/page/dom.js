"use strict";
// Elements and words of all views. Data become text, never markup.

/** Returns an element with a text and a class. */
const make = (tag, text, kind) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
};

/** Returns an element with children. */
const join = (tag, kind, ...children) => {
  const element = make(tag, undefined, kind);
  element.append(...children);
  return element;
};

const button = (text, act, kind) => {
  const element = make("button", text, kind);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
};

const is_numeric = (value) => typeof value === "number" || (value instanceof Node && value.classList.contains("number"));

/** Returns a table. A row is a list of cells: texts, numbers or elements. */
const table = (titles, rows) => {
  const cell = (tag, value) => {
    if (value instanceof Node) return join(tag, "", value);
    return typeof value === "number" ? make(tag, number(value), "number") : make(tag, value);
  };
  const head = join("tr", "");
  titles.forEach((title, at) => {
    const is_number = rows.length > 0 && rows.every((row) => is_numeric(row[at]));
    const heading = make("th", title, is_number ? "number" : "");
    heading.scope = "col";
    head.append(heading);
  });
  const body = join("tbody", "", ...rows.map((row) => join("tr", "", ...row.map((value) => cell("td", value)))));
  return join("div", "scroll", join("table", "", join("thead", "", head), body));
};

const number = (value) => value.toLocaleString("en");
const count = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;

const size = (bytes) => {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) [bytes, unit] = [bytes / 1024, unit + 1];
  return unit === 0 ? count(bytes, "byte", "bytes") : `${bytes.toFixed(1)} ${units[unit]}`;
};

/** Returns the colour of a root by its position. The golden angle keeps neighbours apart. */
const color = (root, light = 50) => `hsl(${(210 + root * 137.508) % 360} 55% ${light}%)`;

const swatch = (background) => {
  const element = make("span", undefined, "swatch");
  element.style.background = background;
  return element;
};
