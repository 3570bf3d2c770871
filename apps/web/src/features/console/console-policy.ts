import type { ErrorCode } from "@indium/contract/errors";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";

/**
 * When a console connects and what it says meanwhile.
 *
 *   idle ──the VM should have a screen──▶ connecting ──first frame──▶ connected
 *    ▲                                        ▲  │                        │
 *    │ it should not                          │  └──────── closed ────────┤
 *    └──────────── (from anywhere)          timer                         ▼
 *                                             └──────────────────────  waiting
 *   connecting, connected ──refused, or ended on purpose──▶ ended (until the user asks again)
 *
 * Invariants: every connect asks for a ticket of its own (they are single use); after a connection that held, the
 * back-off begins anew.
 */
export type ConsoleState = "idle" | "connecting" | "connected" | "waiting" | "ended";

export type AfterClose = { kind: "retry"; delayMs: number; sentence: string } | { kind: "end"; sentence: string };

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 5_000;
/** A relay that refuses fresh tickets this often in a row will not change its mind. */
const REFUSALS = 3;

/** `attempt` counts from 0 since the last connection that held. */
export function backoffMs(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
}

/** The websocket closed with this code and these words. */
export function afterClose(code: number, attempt: number, words = ""): AfterClose {
  const retry = (sentence: string): AfterClose => ({ kind: "retry", delayMs: backoffMs(attempt), sentence });
  switch (code) {
    case CONSOLE_CLOSE.vmNotRunning:
      return retry("The VM has no screen just now. The console comes back when it runs.");
    case CONSOLE_CLOSE.vmEnded:
      return retry("The VM ended. The console comes back when it runs again.");
    case CONSOLE_CLOSE.hostUnreachable:
      return retry("The host cannot be reached. Trying again…");
    case CONSOLE_CLOSE.ticketRefused:
      return attempt + 1 < REFUSALS
        ? retry("The connection was refused. Trying again with a new ticket…")
        : { kind: "end", sentence: "The relay refuses the console. Reload the page; if that does not help, sign in again." };
    case CONSOLE_CLOSE.endedByAdministrator:
      return { kind: "end", sentence: words === "" ? "An administrator ended this console." : words };
    case CONSOLE_CLOSE.controlPassed:
      return { kind: "retry", delayMs: 0, sentence: "Somebody else has control now. You watch from here on." };
    case CONSOLE_CLOSE.shareEnded:
      return { kind: "end", sentence: `${words === "" ? "The link has ended." : words} Ask whoever gave it to you for another.` };
    default:
      return retry("The connection was lost. Trying again…");
  }
}

/** No ticket was given; `message` is the API's sentence. */
export function afterRefusal(code: ErrorCode, message: string, attempt: number): AfterClose {
  switch (code) {
    case "forbidden":
    case "unauthenticated":
    case "not_found":
    case "token_invalid":
    case "token_expired":
    case "unsupported":
      return { kind: "end", sentence: message };
    default:
      return { kind: "retry", delayMs: backoffMs(attempt + 1), sentence: message };
  }
}
