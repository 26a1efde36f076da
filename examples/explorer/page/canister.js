"use strict";
// A live canister by its id.

/** The bytes of a key's file, at most. */
const MAX_KEY = 64 * 1024;

/** The headers of so many pages of a canister are in 1 MiB, which takes 4 queries. */
const SMALL_CANISTER = 256;

/** Returns what else is known of a network that does not answer this page. */
const explained = async (network, { kind }) => {
  if (kind !== "unreachable") return "";
  try {
    // Such an answer cannot be read, but it shows that there is one.
    const status = `${network.trim().replace(/\/+$/, "")}/api/v2/status`;
    await fetch(status, { mode: "no-cors", credentials: "omit", signal: AbortSignal.timeout(10_000) });
    return ", though it is there: it lets no page of another origin ask it (CORS)";
  } catch {
    return ": it cannot be reached";
  }
};

/** Opens the canister of the form. The key goes to the reader alone, which signs with it. */
const open_canister = async () => {
  const [canister, network] = [part("canister").value.trim(), part("network").value];
  const [file] = part("key").files;
  let identity;
  try {
    if (file?.size > MAX_KEY) throw new Error("it is too long");
    identity = await file?.text();
  } catch (error) {
    return failed(`${file.name} cannot be read: ${error.message}`);
  }
  open({
    name: canister,
    note: ", not verified",
    small: SMALL_CANISTER,
    request: { ask: "open_canister", canister, network, identity },
    repeats: true,
    explain: (error) => explained(network, error),
  });
};

part("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  open_canister();
});
