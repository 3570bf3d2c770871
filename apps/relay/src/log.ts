/** One line per event on stderr, for the journal. Callers pass ids and codes, never keys, tickets or payloads. */
export type Log = (level: "info" | "warning" | "error", message: string, fields?: Record<string, string | number>) => void;

export const logToStderr: Log = (level, message, fields = {}) => {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  process.stderr.write(`${new Date().toISOString()} relay ${level} ${[message, ...words].join(" ")}\n`);
};
