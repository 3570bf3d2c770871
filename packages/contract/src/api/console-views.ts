import { z } from "zod";
import { ConsoleKind, ConsoleMode } from "../console";
import { InstanceId, ShareId, TicketId } from "../ids";
import { DisplayedState } from "../states";

/** Without an answer control passes to who asked for it after this. */
export const CONTROL_ANSWER_MS = 15_000;

/** Who looks at an instance's console now, and who may type into it. */
export const ConsoleRoom = z.object({
  viewers: z.array(
    z.object({
      id: TicketId,
      name: z.string(),
      you: z.boolean(),
      byLink: z.boolean(),
      kind: ConsoleKind,
      mode: ConsoleMode,
      since: z.date(),
    }),
  ),
  /** Null: nobody; who asks has it at once. */
  holder: z.object({ name: z.string(), you: z.boolean(), since: z.date() }).nullable(),
  /** `inMs`: until it passes without an answer, by the server's clock. */
  asked: z.object({ name: z.string(), you: z.boolean(), inMs: z.number().int().min(0) }).nullable(),
});
export type ConsoleRoom = z.infer<typeof ConsoleRoom>;

export const SHARE_MINUTES = { least: 5, most: 7 * 24 * 60 } as const;

/** A link to watch an instance's console. */
export const ConsoleShareView = z.object({
  id: ShareId,
  label: z.string(),
  createdBy: z.string(),
  createdAt: z.date(),
  expiresAt: z.date(),
});
export type ConsoleShareView = z.infer<typeof ConsoleShareView>;

/** What whoever holds a link is told, and nothing more. */
export const SharedConsole = z.object({
  instanceId: InstanceId,
  instanceName: z.string(),
  sharedBy: z.string(),
  state: DisplayedState,
  /** Why there is nothing to see now. */
  refusal: z.string().nullable(),
  expiresAt: z.date(),
});
export type SharedConsole = z.infer<typeof SharedConsole>;
