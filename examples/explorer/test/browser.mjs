// The page in Chromium: what is done with it, and what it shows.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";

export const [page_file, images, picture, node, canisters] = process.argv.slice(2);
export const MIB = 1 << 20;

const html = await readFile(page_file);
const server = createServer((_, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(html);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
export const served = `http://127.0.0.1:${server.address().port}/`;

const executablePath = await chromium.executablePath();
// The package looks for its fonts in a folder of another machine, and without any, Chromium stops.
const fonts = join(tmpdir(), "fonts");
await writeFile(join(fonts, "fonts.conf"),
  `<fontconfig><dir>${fonts}</dir><cachedir>${join(tmpdir(), "font-cache")}</cachedir></fontconfig>`);

const browser = await puppeteer.launch({
  executablePath,
  headless: "shell",
  args: ["--no-sandbox", "--disable-gpu"],
  defaultViewport: { width: 1200, height: 900 },
});

/** The open page, and what it must not do. */
export let page;
export let complaints = [];

/** Opens a page, which may ask nobody but a network. */
export const visit = async (address, network) => {
  await page?.close();
  page = await browser.newPage();
  complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("request", (request) => {
    const is_asked = network !== undefined && request.url().startsWith(`${network}/`);
    if (!/^(data|blob):/.test(request.url()) && request.url() !== address && !is_asked) complaints.push(request.url());
  });
  await page.goto(address);
};

/** Opens an image and waits until the page shows it, or says why it does not. */
export const open = async (name) => {
  const input = await page.$("#file");
  await input.uploadFile(join(images, name));
  await page.waitForFunction(
    (name) => document.querySelector("#error:not([hidden])")?.textContent.startsWith(name) ||
      (document.querySelector("#status").textContent.startsWith(name) && document.querySelector("#store:not([hidden])")),
    { timeout: 20_000 }, name);
};

export const text = (selector) => page.$eval(selector, (element) => element.innerText);
export const texts = (selector) => page.$$eval(selector, (elements) => elements.map((element) => element.innerText));
export const waiting_for = (selector, words) =>
  page.waitForFunction((selector, words) => document.querySelector(selector)?.innerText.includes(words),
    { timeout: 20_000 }, selector, words);

/** Presses the button with a text. */
export const press = async (words, within = "body") => {
  const found = await page.evaluateHandle((words, within) =>
    [...document.querySelectorAll(`${within} button, ${within} summary`)]
      .find((one) => one.innerText.split("\n")[0].trim() === words), words, within);
  assert.ok(found.asElement(), `there is no button "${words}"`);
  await found.asElement().click();
};

/** Shows the entries of the open root that begin with a text. */
export const find = async (prefix) => {
  await page.$eval("#view form input", (input) => (input.value = ""));
  await page.type("#view form input", prefix);
  await page.keyboard.press("Enter");
};

/** Returns the number of bytes that the page has read. */
export const bytes_read = async () => {
  const [, amount, unit] = /([\d.,]+) (bytes|KiB|MiB|GiB) read/.exec(await text("#status"));
  return Number(amount.replaceAll(",", "")) * { bytes: 1, KiB: 1024, MiB: MIB, GiB: 1024 * MIB }[unit];
};

export const stop = async () => {
  await browser.close();
  server.close();
};
