"use strict";
// Runs the reader. Only a worker may wait for a slice of a file while WebAssembly waits for it.

let exports;
let bytes = 0;
let reported = 0;

const host = (file) => ({
  read: (offset, out, len) => {
    try {
      const slice = new FileReaderSync().readAsArrayBuffer(file.slice(offset, offset + len));
      if (slice.byteLength !== len) return 0;
      new Uint8Array(exports.memory.buffer, out, len).set(new Uint8Array(slice));
    } catch {
      return 0;
    }
    bytes += len;
    // The page hears of long readings while they last.
    if (performance.now() - reported > 100) report();
    return 1;
  },
});

const report = () => {
  reported = performance.now();
  postMessage({ bytes });
};

const answer = (request) => {
  const text = new TextEncoder().encode(JSON.stringify(request));
  const room = exports.request(text.length);
  new Uint8Array(exports.memory.buffer, room, text.length).set(text);
  const len = exports.answer();
  return JSON.parse(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, exports.text(), len)));
};

onmessage = ({ data }) => {
  try {
    if (data.file) {
      const module = new WebAssembly.Module(data.module);
      exports = new WebAssembly.Instance(module, { host: host(data.file) }).exports;
      data.request = { ask: "open", bytes: data.file.size };
    }
    const said = answer(data.request);
    report();
    postMessage({ answer: said });
  } catch (error) {
    postMessage({ answer: { error: `the reader stopped: ${error.message}` } });
  }
};
