import { createConnection, type Socket } from "node:net";
import { QmpError } from "./errors";
import { LineReader } from "./line-reader";
import { parseQmpLine, type QmpEvent, type QmpMessage } from "./messages";

/** query-qmp-schema, the largest answer of QEMU 7 to 10, is about 250 KB. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const COMMAND_TIMEOUT_MS = 10_000;

interface Pending {
  readonly command: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: QmpError) => void;
}

/**
 * One connection to one QMP monitor. A monitor serves one client at a time: a second one waits unheard, and so `connect`
 * times out rather than hangs. The connection ends once and stays ended; connecting again is the caller's.
 */
export class QmpClient {
  readonly #socket: Socket;
  readonly #reader: LineReader;
  readonly #pending = new Map<number, Pending>();
  readonly #eventListeners = new Set<(event: QmpEvent) => void>();
  readonly #closeListeners = new Set<(reason: QmpError) => void>();
  #onGreeting: (() => void) | null = null;
  #lastId = 0;
  #ended: QmpError | null = null;

  private constructor(socket: Socket, maxLineBytes: number) {
    this.#socket = socket;
    this.#reader = new LineReader(maxLineBytes);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (cause) => this.#end(new QmpError("closed", `The QMP monitor's connection broke: ${cause.message}`, { cause })));
    socket.on("close", () => this.#end(new QmpError("closed", "The QMP monitor closed the connection.")));
  }

  /**
   * Connects, waits for the greeting and leaves negotiation mode.
   * @param timeoutMs for all of it together.
   * @throws QmpError
   */
  static async connect(path: string, options: { timeoutMs?: number; maxLineBytes?: number } = {}): Promise<QmpClient> {
    const timeoutMs = options.timeoutMs ?? COMMAND_TIMEOUT_MS;
    const client = new QmpClient(createConnection({ path }), options.maxLineBytes ?? MAX_LINE_BYTES);
    const startedAt = performance.now();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => client.#end(new QmpError("timeout", `The QMP monitor did not greet within ${timeoutMs} ms.`)),
        timeoutMs,
      );
      const stop = client.onClose((reason) => {
        clearTimeout(timer);
        reject(reason);
      });
      client.#onGreeting = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
    });
    const leftMs = Math.max(1, timeoutMs - (performance.now() - startedAt));
    try {
      await client.execute("qmp_capabilities", undefined, { timeoutMs: leftMs });
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /**
   * Runs one command; many may be under way.
   * @returns QEMU's `return` value, not yet parsed.
   * @throws QmpError
   */
  execute(command: string, args?: Readonly<Record<string, unknown>>, options: { timeoutMs?: number } = {}): Promise<unknown> {
    const ended = this.#ended;
    if (ended !== null) return Promise.reject(new QmpError(ended.kind, ended.message, { command, cause: ended }));
    const timeoutMs = options.timeoutMs ?? COMMAND_TIMEOUT_MS;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new QmpError("timeout", `QEMU did not answer ${command} within ${Math.round(timeoutMs)} ms.`, { command }));
      }, timeoutMs);
      this.#pending.set(id, { command, timer, resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }), id })}\n`);
    });
  }

  /** @returns how to stop listening. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Called once when the connection ends, whoever ended it; at once when it already has. */
  onClose(listener: (reason: QmpError) => void): () => void {
    if (this.#ended !== null) {
      listener(this.#ended);
      return () => {};
    }
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  get closed(): boolean {
    return this.#ended !== null;
  }

  close(): void {
    this.#end(new QmpError("closed", "The QMP connection was let go."));
  }

  #receive(chunk: Buffer): void {
    if (this.#ended !== null) return;
    const lines = this.#reader.push(chunk);
    if (lines === "too long") {
      this.#end(new QmpError("protocol", "The QMP monitor sent a line beyond the limit."));
      return;
    }
    for (const line of lines) {
      if (this.#ended !== null) return;
      const message = parseQmpLine(line);
      if (message === null) this.#end(new QmpError("protocol", `The QMP monitor sent what is no QMP: ${line.slice(0, 100)}`));
      else this.#dispatch(message);
    }
  }

  #dispatch(message: QmpMessage): void {
    switch (message.kind) {
      case "greeting":
        this.#onGreeting?.();
        this.#onGreeting = null;
        return;
      case "event":
        for (const listener of [...this.#eventListeners]) listener(message.event);
        return;
      case "return":
        this.#take(message.id)?.resolve(message.value);
        return;
      case "error": {
        // Without an id QEMU could not read what we sent: nothing on this connection can be trusted to match any more.
        if (message.id === undefined) {
          this.#end(new QmpError("protocol", `QEMU could not read a command: ${message.description}`, { errorClass: message.errorClass }));
          return;
        }
        const pending = this.#take(message.id);
        pending?.reject(
          new QmpError("command", `${pending.command}: ${message.description}`, {
            command: pending.command,
            errorClass: message.errorClass,
          }),
        );
        return;
      }
    }
  }

  /** An answer to a command that has timed out, or to none, finds nothing and is dropped. */
  #take(id: unknown): Pending | undefined {
    if (typeof id !== "number") return undefined;
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    return pending;
  }

  #end(reason: QmpError): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#socket.destroy();
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(new QmpError(reason.kind, reason.message, { command: pending.command, cause: reason }));
    }
    this.#pending.clear();
    const listeners = [...this.#closeListeners];
    this.#closeListeners.clear();
    this.#eventListeners.clear();
    for (const listener of listeners) listener(reason);
  }
}
