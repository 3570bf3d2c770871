import type { ErrorCode } from "@indium/contract/errors";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import type { ConsoleSentence } from "./console-words";

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

export type AfterClose = { kind: "retry"; delayMs: number; sentence: ConsoleSentence } | { kind: "end"; sentence: ConsoleSentence };

type OwnSentence = Exclude<Extract<ConsoleSentence, { say: string }>["say"], "shareEndedBecause">;

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
  const retry = (say: OwnSentence): AfterClose => ({ kind: "retry", delayMs: backoffMs(attempt), sentence: { say } });
  const end = (sentence: ConsoleSentence): AfterClose => ({ kind: "end", sentence });
  switch (code) {
    case CONSOLE_CLOSE.vmNotRunning:
      return retry("notRunning");
    case CONSOLE_CLOSE.vmEnded:
      return retry("ended");
    case CONSOLE_CLOSE.hostUnreachable:
      return retry("hostUnreachable");
    case CONSOLE_CLOSE.ticketRefused:
      return attempt + 1 < REFUSALS ? retry("refusedOnce") : end({ say: "refused" });
    case CONSOLE_CLOSE.endedByAdministrator:
      return end(words === "" ? { say: "endedByAdministrator" } : { given: words });
    case CONSOLE_CLOSE.controlPassed:
      return { kind: "retry", delayMs: 0, sentence: { say: "controlPassed" } };
    case CONSOLE_CLOSE.shareEnded:
      return end(words === "" ? { say: "shareEnded" } : { say: "shareEndedBecause", words });
    default:
      return retry("lost");
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
      return { kind: "end", sentence: { given: message } };
    default:
      return { kind: "retry", delayMs: backoffMs(attempt + 1), sentence: { given: message } };
  }
}
