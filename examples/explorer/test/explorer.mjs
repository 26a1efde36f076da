// Opens images and canisters in the page in a real browser, and looks at what it shows.
//
// node explorer.mjs PAGE IMAGES PICTURE NODE CANISTERS

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import {
  MIB, bytes_read, complaints, find, images, open, page, page_file, picture, press, served, stop, text, texts, visit,
  waiting_for,
} from "./browser.mjs";
import { canister_checks, leave } from "./canister.mjs";

const checks = {
  "the gazetteer is opened with its roots": async () => {
    await open("gazetteer.bin");
    assert.deepEqual((await texts("#roots button")).map((one) => one.split("\n")),
      [["Store"], ["places", "144,563"], ["places.name", "144,563"]]);
    assert.equal((await page.$$("#roots ul button")).length, 1, "the index is below its table");
    assert.match(await text("#view"), /2 roots, [\d,]+ pages of 4 KiB/);
  },

  "the memory is drawn": async () => {
    await page.waitForSelector("#picture canvas");
    const colors = await page.$eval("#picture canvas", (canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(colors > 10, `${colors} colours`);
    await page.focus("#picture canvas");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.match(await text("#picture [aria-live]"), /^Pages? [\d,]+.*: (places|the store)/);
    await page.screenshot({ path: picture });
    assert.ok(statSync(picture).size < 200_000, "the picture is small");
  },

  "a table is read in pages": async () => {
    await press("places", "#roots");
    await waiting_for("#view", "Entries 1 to 100");
    assert.equal(await text("#entries tbody tr td"), "0");
    await press("Next", "#view");
    await waiting_for("#view", "Entries 101 to 200");
    assert.equal(await text("#entries tbody tr td"), "100");
    await press("Previous", "#view");
    await waiting_for("#view", "Entries 1 to 100");
    assert.deepEqual((await texts("#entries th")).slice(0, 3), ["key", "id", "name"]);
  },

  "places are found by the beginning of their names": async () => {
    await press("places.name", "#roots");
    await waiting_for("#view", "Entries 1 to 100");
    await find("winterthur");
    await waiting_for("#view", "the last one");
    const names = await texts("#entries tbody td:first-child");
    assert.ok(names.length > 0 && names.every((name) => name.startsWith("winterthur")), names.join());
    await page.click("#entries tbody tr .link");
    await waiting_for("#view h2", "places");
    await waiting_for("#view", "Entries 1 to 1, the last one");
    assert.match(await text("#entries tbody"), /Winterthur/);
  },

  "the layouts are shown with what changed": async () => {
    await page.click("#layouts summary");
    assert.deepEqual(await texts("#layouts h3"), ["Place v3", "Place v2", "Place v1"]);
    const shown = await text("#layouts");
    assert.match(shown, /new\s+position\s+Position v1/);
    assert.match(shown, /gone\s+latitude\s+f64/);
    assert.match(shown, /new\s+population\s+Option<u64>/);
    assert.match(shown, /current/);
  },

  "a key that makes no sense is told in a line": async () => {
    await page.select("#view form select", "key");
    await find("Winterthur");
    await waiting_for("#error", "`Winterthur` is no u32");
    assert.doesNotMatch(await text("#error"), /\n/);
  },

  "everything is checked": async () => {
    await press("Store", "#roots");
    // The picture moves the button away when it is drawn.
    await page.waitForSelector("#picture canvas");
    const [words] = (await texts("#check button"));
    await press(words, "#check");
    await waiting_for("#check", "Everything is whole.");
  },

  "roots are reached with the keyboard": async () => {
    await page.focus("#roots button");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await waiting_for("#view h2", "places");
  },

  "a sparse file of 4 GiB is read in slices": async () => {
    await open("sparse.bin");
    assert.match(await text("#status"), /4\.0 GiB/);
    // The picture has the headers of all pages that the store has: they are at the beginning.
    await page.waitForSelector("#picture canvas");
    const drawn = await bytes_read();
    const store = statSync(join(images, "gazetteer.bin")).size;
    assert.ok(drawn < store + MIB, `${drawn} bytes to draw ${store}`);
    await press("places.name", "#roots");
    await find("bern");
    await waiting_for("#entries tbody", "bern");
    await page.click("#entries tbody tr .link");
    await waiting_for("#view", "Entries 1 to 1, the last one");
    const found = (await bytes_read()) - drawn;
    assert.ok(found < 3 * MIB, `${found} bytes to find a place`);
    console.log(`      of 4 GiB, ${(drawn / MIB).toFixed(1)} MiB were read to draw, ${(found / MIB).toFixed(1)} to find a place`);
  },

  "what is no image is told in a line": async () => {
    for (const [name, why] of [
      ["truncated.bin", /this memory ends after [0-9]+ bytes of [0-9]+: it was cut off/],
      ["short.bin", /it is shorter than a page of stable memory, so it was cut off$/],
      ["foreign.bin", /unknown data beginning with \[7f, 7f/],
    ]) {
      await open(name);
      const error = await text("#error");
      assert.match(error, why);
      assert.ok(error.startsWith(`${name}: `) && !error.includes("\n"), error);
      assert.equal(await page.$("#store:not([hidden])"), null, name);
    }
    await open("gazetteer.bin");
    assert.equal(await page.$("#error:not([hidden])"), null);
  },

  "a store of several in a MemoryManager is chosen": async () => {
    const input = await page.$("#file");
    await input.uploadFile(join(images, "manager.bin"));
    await waiting_for("#choice", "Several memories hold a store:");
    await press("Memory 9", "#choice");
    await waiting_for("#roots", "second");
    assert.deepEqual((await texts("#roots button")).length, 2);
  },

  "names that are markup stay text": async () => {
    await open("markup.bin");
    const name = "<img src=x onerror=\"document.title='hostile'\">";
    assert.equal((await texts("#roots button"))[1], `${name}\n1`);
    await page.click("#roots li:nth-child(2) button");
    await waiting_for("#entries tbody", name);
    assert.deepEqual(await texts("#entries tbody td .data"), [name, name]);
    assert.equal((await page.$$("img")).length, 0);
    assert.equal(await page.title(), "Graven explorer");
  },

  "nothing was asked of anybody, and nothing went wrong": async () => {
    assert.deepEqual(complaints, []);
  },

  "a page in a folder works as well": async () => {
    await visit(pathToFileURL(page_file).href);
    await open("gazetteer.bin");
    await press("places", "#roots");
    await waiting_for("#view", "Entries 1 to 100");
    assert.deepEqual(complaints, []);
  },
};

let failures = 0;
await visit(served);
for (const [name, check] of Object.entries({ ...checks, ...canister_checks })) {
  const began = performance.now();
  try {
    await check();
    console.log(`  ok  ${name} (${Math.round(performance.now() - began)} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`  FAILED  ${name}: ${error.stack}`);
    console.log(`  the page said: ${await page.evaluate(() => document.querySelector("#error").textContent)} ${complaints}`);
  }
}
await stop();
leave();
process.exitCode = failures > 0 ? 1 : 0;
