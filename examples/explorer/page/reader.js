"use strict";
// An open file or canister, and the worker that reads it.

/** Returns the bytes that the page has in base 64. */
const embedded = (id) => Uint8Array.from(atob(document.getElementById(id).textContent), (one) => one.charCodeAt(0));

/** The reason why the reader refuses. Its kind is "changed", "unreachable" or undefined. */
class Refusal extends Error {
  constructor({ error, kind }) {
    super(error);
    this.kind = kind;
  }
}

class Reader {
  /**
   * Opens what a request asks for: a file, or a canister if there is none. `heard` is called with the
   * number of bytes that were read so far.
   */
  constructor(request, file, heard) {
    const script = new Blob([document.getElementById("worker").textContent], { type: "text/javascript" });
    const address = URL.createObjectURL(script);
    this.worker = new Worker(address);
    this.waiting = [];
    this.worker.onmessage = ({ data }) => {
      if (data.bytes !== undefined) heard(data.bytes);
      if (data.answer !== undefined) this.waiting.shift()(data.answer);
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.waiting.splice(0).forEach((done) => done({ error: `the reader does not run: ${event.message}` }));
    };
    this.opened = this.send({ request, file, module: embedded("reader") }).finally(() => URL.revokeObjectURL(address));
  }

  send(message) {
    return new Promise((done) => {
      this.waiting.push(done);
      this.worker.postMessage(message);
    }).then((answer) => {
      if (answer.error && !answer.rows) throw new Refusal(answer);
      return answer;
    });
  }

  /** Asks the reader. Throws the sentence with which it refuses. */
  ask(ask, more) {
    return this.send({ request: { ask, ...more } });
  }

  stop() {
    this.worker.terminate();
  }
}
