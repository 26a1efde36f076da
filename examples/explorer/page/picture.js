"use strict";
// The picture of the memory: a cell for each page, or for several that are side by side.

const OWNERS = {
  "-1": ["the store", "#888"],
  "-2": ["free", "transparent"],
  "-3": ["removed, not free yet", "#8885"],
  "-4": ["unknown", "#f00"],
};

class Picture {
  /** `open` is called with the position of a root whose page is chosen. */
  constructor(facts, { cells, pages_of_cell }, open) {
    Object.assign(this, { facts, cells, open, pages: pages_of_cell, at: 0 });
    this.columns = Math.max(16, Math.ceil(Math.sqrt(cells.length * 2.5)));
    this.side = Math.max(3, Math.floor(1100 / this.columns));
    this.canvas = make("canvas");
    this.canvas.width = this.columns * this.side;
    this.canvas.height = Math.max(1, Math.ceil(cells.length / this.columns)) * this.side;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", "The pages of the memory. Arrow keys move, Enter opens the root.");
    this.label = make("p", "Point at a page, or use the arrow keys.", "dim");
    this.label.setAttribute("aria-live", "polite");
    this.draw();
    this.canvas.addEventListener("mousemove", (event) => this.move(this.under(event)));
    this.canvas.addEventListener("click", (event) => this.choose(this.under(event)));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
    this.element = join("div", "", this.canvas, this.label, this.legend());
  }

  draw() {
    const [pen, side] = [this.canvas.getContext("2d"), this.side];
    this.cells.forEach(([owner, fill, is_old], at) => {
      const [x, y] = [(at % this.columns) * side, Math.floor(at / this.columns) * side];
      // Paler where pages are emptier.
      pen.fillStyle = owner < 0 ? OWNERS[owner][1] : color(owner, fill < 0 ? 50 : 80 - fill * 0.3);
      pen.fillRect(x, y, side - 1, side - 1);
      if (is_old) {
        pen.fillStyle = "#000a";
        pen.fillRect(x, y + Math.floor(side / 2), side - 1, 1);
      }
    });
  }

  under(event) {
    const scale = this.canvas.width / this.canvas.clientWidth;
    const [x, y] = [event.offsetX, event.offsetY].map((at) => Math.floor((at * scale) / this.side));
    return x < this.columns ? y * this.columns + x : -1;
  }

  press(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    if (event.key === "Enter") this.choose(this.at);
    else if (event.key in steps) this.move(this.at + steps[event.key]);
    else return;
    event.preventDefault();
  }

  move(at) {
    if (!(at in this.cells)) return;
    this.at = at;
    const [owner, fill, is_old] = this.cells[at];
    const [first, last] = [at * this.pages, Math.min(this.facts.pages, (at + 1) * this.pages) - 1];
    const pages = first === last ? `Page ${number(first)}` : `Pages ${number(first)} to ${number(last)}`;
    const name = owner < 0 ? OWNERS[owner][0] : this.facts.roots[owner].name;
    this.label.textContent =
      `${pages}: ${name}${fill < 0 ? "" : `, ${fill} % full`}${is_old ? ", in a previous layout" : ""}`;
  }

  choose(at) {
    const [owner] = this.cells[at] ?? [-1];
    if (owner >= 0) this.open(owner);
  }

  legend() {
    const present = [...new Set(this.cells.map(([owner]) => owner))].sort((a, b) => a - b);
    const items = present.map((owner) => {
      const [name, back] = owner < 0 ? OWNERS[owner] : [this.facts.roots[owner].name, color(owner)];
      return join("span", "", swatch(back), name);
    });
    return join("p", "bar", ...items, make("span", "paler: emptier; with a line: in a previous layout", "dim"));
  }
}
