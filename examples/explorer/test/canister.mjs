// Checks with live canisters, which a program of the tests serves as a node does.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createInterface } from "node:readline";

import {
  MIB, bytes_read, canisters, complaints, find, node, page, page_file, press, served, text, texts, visit, waiting_for,
} from "./browser.mjs";

const program = spawn(node, [canisters], { stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
const line = async () => (await lines.next()).value;
const places = JSON.parse(await line());
const servers = [];

/** Returns the address of a server. */
const serving = async (respond) => {
  const server = createServer(respond);
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  servers.push(server);
  return `http://127.0.0.1:${server.address().port}`;
};

/** Lets pages of all origins ask. */
const allow = (response) => {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "content-type");
};

/** What was sent to the node of the canister that controllers may explore. */
const sent = [];
const relay = await serving((asked, response) => {
  const { method, headers, url } = asked;
  const onward = request(`${places.controlled}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  asked.on("data", (bytes) => sent.push(bytes));
  asked.pipe(onward);
});

const key_file = async (name, content) => {
  const file = join(tmpdir(), name);
  await writeFile(file, content);
  return file;
};

/** Fills in the form of a fresh page, and opens the canister. */
const look = async ({ id = places.id, network = places.open, key, address = served }) => {
  await visit(address, network);
  await page.type("#canister", id);
  await page.$eval("#network", (input, network) => (input.value = network), network);
  if (key !== undefined) await (await page.$("#key")).uploadFile(await key_file("key.pem", key));
  await press("Look", "#ask");
};

/** Waits until the canister is shown. */
const shown = async () => {
  await page.waitForSelector("#store:not([hidden])", { timeout: 20_000 });
  assert.equal(await page.$("#error:not([hidden])"), null);
};

/** Opens a canister, which fails. Returns the sentence on the page. */
const refused = async (form) => {
  await look(form);
  await page.waitForSelector("#error:not([hidden])", { timeout: 20_000 });
  const error = await text("#error");
  assert.ok(!error.includes("\n") && error.startsWith(form.id ?? places.id), error);
  assert.equal(await page.$("#store:not([hidden])"), null);
  return error;
};

/** A root, as a line shows it. */
const ODD = "odd \"name\" \\ of two lines";

export const canister_checks = {
  "a canister is opened by its id": async () => {
    await look({});
    await shown();
    assert.deepEqual(await texts("#roots .name"), ["Store", "users", "users.name", "notes", ODD]);
    assert.match(await text("#status"), /^rrkah-fqaaa-aaaaa-aaaaq-cai: [\d.]+ MiB, .* read, not verified$/);
    assert.equal(await page.$("#picture canvas"), null, "it is drawn when asked for");
    await press((await texts("#picture button"))[0], "#picture");
    await page.waitForSelector("#picture canvas");
  },

  "rows of a canister are found by the beginning of their names": async () => {
    await press("users.name", "#roots");
    await waiting_for("#view", "Entries 1 to 100");
    await find("user 1999");
    await waiting_for("#view", "Entries 1 to 11, the last one");
    await page.click("#entries tbody tr .link");
    await waiting_for("#view h2", "users");
    await waiting_for("#entries tbody", "user 1999");
    await page.click("#layouts summary");
    assert.deepEqual(await texts("#layouts h3"), ["User v1"]);
  },

  "a canister is checked as a whole": async () => {
    await press("Store", "#roots");
    await press((await texts("#check button"))[0], "#check");
    await waiting_for("#check", "Everything is whole.");
    assert.deepEqual(complaints, []);
  },

  "controllers show their keys to nobody": async () => {
    for (const key of places.keys) {
      await look({ network: relay, key });
      await shown();
      await press("users", "#roots");
      await waiting_for("#view", "Entries 1 to 100");
      await page.click("#layouts summary");
      assert.deepEqual(await texts("#layouts h3"), ["User v2", "User v1"]);
      const der = Buffer.from(key.replace(/-----.*-----/g, ""), "base64");
      // The private key: the last of PKCS #8, or after the version of SEC 1.
      const secret = der.length === 48 ? der.subarray(16) : der.subarray(7, 39);
      const all = Buffer.concat(sent);
      assert.ok(all.length > 0 && secret.length === 32);
      assert.ok(!all.includes(secret) && !all.includes(secret.toString("hex")) && !all.includes(key.split("\n")[1]));
    }
    assert.deepEqual(complaints, []);
  },

  "a few entries of a canister are read in slices": async () => {
    await look({ network: relay, key: places.keys[0] });
    await shown();
    const opened = await bytes_read();
    await press("users", "#roots");
    await page.select("#view form select", "key");
    await find(String(places.users - 1));
    await waiting_for("#view", "Entries 1 to 1, the last one");
    const found = (await bytes_read()) - opened;
    assert.ok(found < MIB, `${found} bytes to find a row`);
  },

  "a canister that works while it is read is read again": async () => {
    program.stdin.write("write\n");
    assert.equal(await line(), "written");
    await press("notes", "#roots");
    await waiting_for("#view h2", "notes");
    await page.select("#view form select", "key");
    // One in the middle, where nothing was read so far.
    await find(String(places.users / 2));
    await waiting_for("#error", "the canister worked while its memory was read");
    await press("Read again");
    await waiting_for("#view", "Entries 1 to 1, the last one");
    assert.equal(await text("#view h2"), "notes");
    assert.equal(await page.$("#error:not([hidden])"), null);
    assert.equal(await page.$("#again:not([hidden])"), null);
    await find("1");
    await waiting_for("#entries tbody", "somebody");
  },

  "canisters and networks that do not answer say why": async () => {
    const other = "bkyz2-fmaaa-aaaaa-qaaaq-cai";
    const silent = await serving((_, response) => response.end());
    const strange = await serving((_, response) => {
      allow(response);
      response.end("<html>It works!</html>");
    });
    for (const [form, why] of [
      [{ id: "nobody" }, /`nobody` is no canister: /],
      [{ id: other }, /there is no canister bkyz2-fmaaa-aaaaa-qaaaq-cai on http/],
      [{ network: "icp-api.io" }, /`icp-api.io` is no network: a URL begins with https:/],
      [{ network: places.unexplored }, /build it with `graven::canister!\(…, explorer\)`/],
      [{ network: places.controlled }, /only a controller may explore \(the caller is anonymous: choose the key/],
      [{ key: "no key" }, /the file of the key has no private key in PEM$/],
      [{ network: "http://127.0.0.1:9" }, /http:\/\/127.0.0.1:9 does not answer this page: it cannot be reached$/],
      [{ network: silent }, /does not answer this page, though it is there: it lets no page of another origin ask it \(CORS\)$/],
      [{ network: strange }, /does not answer as a network of the Internet Computer/],
    ]) {
      assert.match(await refused(form), why);
    }
  },

  "a page in a folder opens canisters as well": async () => {
    await look({ address: pathToFileURL(page_file).href });
    await shown();
    assert.deepEqual(complaints, []);
  },
};

export const leave = () => {
  program.stdin.end();
  servers.forEach((server) => server.close());
};
