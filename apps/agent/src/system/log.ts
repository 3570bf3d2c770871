/** Plain lines or JSON lines on stderr. Callers pass facts, never secrets: no documents, no envelopes, no environment. */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  with(fields: LogFields): Log;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export function createLog(
  options: { format: "plain" | "json"; level: LogLevel; write?: (line: string) => void },
  fixed: LogFields = {},
): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const say = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (RANK[level] < RANK[options.level]) return;
    const all = { ...fixed, ...fields };
    if (options.format === "json") {
      write(JSON.stringify({ at: new Date().toISOString(), level, message, ...all }));
      return;
    }
    const tail = Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${typeof value === "string" && /[\s"]/.test(value) ? JSON.stringify(value) : String(value)}`)
      .join("");
    write(`${new Date().toISOString()} ${level.padEnd(5)} ${message}${tail}`);
  };
  return {
    debug: (message, fields) => say("debug", message, fields),
    info: (message, fields) => say("info", message, fields),
    warn: (message, fields) => say("warn", message, fields),
    error: (message, fields) => say("error", message, fields),
    with: (fields) => createLog(options, { ...fixed, ...fields }),
  };
}

export const silentLog: Log = createLog({ format: "plain", level: "error", write: () => {} });

/** A thrown thing in words for the log: code, message and what the user does not see. */
export function describeError(thrown: unknown): LogFields {
  if (!(thrown instanceof Error)) return { error: String(thrown) };
  const extra = thrown as { code?: unknown; internal?: unknown; detail?: unknown };
  return {
    error: thrown.message,
    ...(typeof extra.code === "string" ? { code: extra.code } : {}),
    ...(typeof extra.internal === "string" ? { internal: extra.internal } : {}),
    ...(typeof extra.detail === "string" ? { detail: extra.detail.slice(-500) } : {}),
  };
}
