"use strict";
// Runs the reader. Only a worker may wait for a slice of a file, or for an answer of a network,
// while WebAssembly waits for it.

/** The time after which a network does not answer, in milliseconds. */
const LIMIT = 60_000;

let exports;
let bytes = 0;
let reported = 0;

const view = (at, len) => new Uint8Array(exports.memory.buffer, at, len);

const count = (more) => {
  bytes += more;
  // The page hears of long readings while they last.
  if (performance.now() - reported > 100) report();
};

const report = () => {
  reported = performance.now();
  postMessage({ bytes });
};

/** Returns the imports of a reader of a file. It asks nobody. */
const of_file = (file) => ({
  read: (offset, out, len) => {
    try {
      const slice = new FileReaderSync().readAsArrayBuffer(file.slice(offset, offset + len));
      if (slice.byteLength !== len) return 0;
      view(out, len).set(new Uint8Array(slice));
    } catch {
      return 0;
    }
    count(len);
    return 1;
  },
  post: () => 0,
  response_len: () => 0,
  response: () => {},
  now: () => Date.now(),
});

/** Returns the imports of a reader of a canister. */
const of_canister = () => {
  let received = new Uint8Array();
  return {
    read: () => 0,
    post: (url, url_len, body, body_len) => {
      const request = new XMLHttpRequest();
      try {
        request.open("POST", new TextDecoder().decode(view(url, url_len)), false);
        request.responseType = "arraybuffer";
        request.timeout = LIMIT;
        request.setRequestHeader("content-type", "application/cbor");
        request.send(view(body, body_len).slice());
      } catch {
        return 0;
      }
      received = new Uint8Array(request.response ?? 0);
      count(received.length);
      return request.status;
    },
    response_len: () => received.length,
    response: (out) => view(out, received.length).set(received),
    now: () => Date.now(),
  };
};

const answer = (request) => {
  const text = new TextEncoder().encode(JSON.stringify(request));
  const room = exports.request(text.length);
  view(room, text.length).set(text);
  const len = exports.answer();
  return JSON.parse(new TextDecoder().decode(view(exports.text(), len)));
};

onmessage = ({ data }) => {
  try {
    if (data.module) {
      const host = data.file ? of_file(data.file) : of_canister();
      exports = new WebAssembly.Instance(new WebAssembly.Module(data.module), { host }).exports;
    }
    const said = answer(data.request);
    report();
    postMessage({ answer: said });
  } catch (error) {
    postMessage({ answer: { error: `the reader stopped: ${error.message}` } });
  }
};
