/**
 * What can go wrong on a QMP connection.
 *
 * - `command`: QEMU answered with an error; `errorClass` is its own class (qapi/error.json: GenericError, CommandNotFound,
 *   DeviceNotActive, DeviceNotFound, KVMMissingCap, or whatever a later QEMU adds).
 * - `timeout`: no answer in time; the command may have been carried out.
 * - `protocol`: what arrived is no QMP; the connection is closed.
 * - `closed`: the other side went away, or we let go.
 */
export type QmpErrorKind = "command" | "timeout" | "protocol" | "closed";

export class QmpError extends Error {
  readonly kind: QmpErrorKind;
  readonly command: string | null;
  readonly errorClass: string | null;

  constructor(kind: QmpErrorKind, message: string, options: { command?: string; errorClass?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "QmpError";
    this.kind = kind;
    this.command = options.command ?? null;
    this.errorClass = options.errorClass ?? null;
  }
}
