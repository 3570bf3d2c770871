import { z } from "zod";

/** The wire of QMP (docs/interop/qmp-spec.rst in QEMU's source). Unknown keys are QEMU's business and dropped. */
const Greeting = z.object({ QMP: z.object({ version: z.unknown(), capabilities: z.array(z.unknown()) }) });
const Success = z.object({ return: z.unknown(), id: z.unknown().optional() });
const Failure = z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.unknown().optional() });
const Event = z.object({
  event: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  timestamp: z.object({ seconds: z.number(), microseconds: z.number() }),
});

export interface QmpEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** By the host's clock, ms since the epoch. */
  readonly at: number;
}

export type QmpMessage =
  | { readonly kind: "greeting" }
  | { readonly kind: "return"; readonly id: unknown; readonly value: unknown }
  | { readonly kind: "error"; readonly id: unknown; readonly errorClass: string; readonly description: string }
  | { readonly kind: "event"; readonly event: QmpEvent };

/** @returns null when the line is no QMP message. */
export function parseQmpLine(line: string): QmpMessage | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null) return null;
  if ("event" in json) {
    const parsed = Event.safeParse(json);
    if (!parsed.success) return null;
    const { seconds, microseconds } = parsed.data.timestamp;
    return { kind: "event", event: { name: parsed.data.event, data: parsed.data.data ?? {}, at: seconds * 1000 + microseconds / 1000 } };
  }
  if ("return" in json) {
    const parsed = Success.safeParse(json);
    return parsed.success ? { kind: "return", id: parsed.data.id, value: parsed.data.return } : null;
  }
  if ("error" in json) {
    const parsed = Failure.safeParse(json);
    if (!parsed.success) return null;
    return { kind: "error", id: parsed.data.id, errorClass: parsed.data.error.class, description: parsed.data.error.desc };
  }
  return Greeting.safeParse(json).success ? { kind: "greeting" } : null;
}
