import type { Log, LogFields } from "../system/log";
import type { Checkup } from "./checkup";

const KEPT = 30;
const MAX_TEXT = 500;

/** A log that remembers its last warnings and errors: refusals, failed steps, lost links. */
export function rememberTroubles(log: Log, now: () => number): { readonly log: Log; troubles(): Checkup["troubles"] } {
  const kept: Checkup["troubles"] = [];
  const note = (level: string, message: string, fields: LogFields = {}): void => {
    const words = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${String(value)}`]));
    kept.push({ at: now(), level, text: [message, ...words].join(" ").slice(0, MAX_TEXT) });
    if (kept.length > KEPT) kept.shift();
  };
  const around = (inner: Log): Log => ({
    debug: (message, fields) => inner.debug(message, fields),
    info: (message, fields) => inner.info(message, fields),
    warn: (message, fields) => {
      note("warn", message, fields);
      inner.warn(message, fields);
    },
    error: (message, fields) => {
      note("error", message, fields);
      inner.error(message, fields);
    },
    with: (fields) => around(inner.with(fields)),
  });
  return { log: around(log), troubles: () => [...kept] };
}
