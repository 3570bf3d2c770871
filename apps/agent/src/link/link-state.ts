import type { WireError } from "@indium/contract/errors";
import type { AnyTRPCRouter, inferRouterContext } from "@trpc/server";
import type { ReadyLink } from "./connection";
import type { Identity, Membership } from "./identity";
import type { RelayBook } from "./relay-book";

/** What dial.ts says of the link, and is told. */
export type LinkState =
  | { readonly kind: "dialling"; readonly relayUrl: string }
  | { readonly kind: "ready"; readonly relayUrl: string; readonly relayName: string; readonly linkEpoch: number }
  /** The link is lost, and the standby is being promoted. */
  | { readonly kind: "switching"; readonly relayUrl: string; readonly reason: string }
  | { readonly kind: "waiting"; readonly reason: string; readonly refusal: WireError | null; readonly retryInMs: number }
  | { readonly kind: "stopped" };

export interface LinkOptions<R extends AnyTRPCRouter> {
  readonly identity: Identity;
  readonly membership: Membership;
  /** Of this membership. Without one, what was given at enrolment. */
  readonly book?: RelayBook;
  readonly agentVersion: string;
  readonly router: R;
  readonly createContext: (signal: AbortSignal) => inferRouterContext<R>;
  /** Attach what lives on the link (streams) each time it becomes ready, or is moved. */
  readonly onReady?: (link: ReadyLink) => void;
  readonly onState?: (state: LinkState) => void;
  /** The relay's ping arrived, and our answer goes out with it. */
  readonly onPing?: () => void;
  readonly onInternalError?: (path: string, error: Error) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}
