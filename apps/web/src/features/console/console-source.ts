"use client";

import type { ConsoleKind, ConsoleMode } from "@indium/contract/console";
import { useMemo } from "react";
import { useTRPCClient } from "@/lib/trpc";
import type { GrantedStream } from "./connect-loop";

/** Where a console's streams come from: an account's right, or a link that somebody was given. Keep it stable from render to render. */
export interface ConsoleSource {
  readonly open: (kind: ConsoleKind, mode: ConsoleMode) => Promise<GrantedStream>;
  /** The end of the kept serial log; null for those who may not have it as a file. */
  readonly serialLog: (() => Promise<string>) | null;
}

const LOG_BYTES = 262_144;

export function useInstanceSource(instanceId: `i-${string}`): ConsoleSource {
  const client = useTRPCClient();
  return useMemo(
    () => ({
      open: async (kind, mode) => {
        const { url, mode: granted } = await client.instance.openConsole.mutate({ instanceId, kind, mode });
        return { url, mode: granted };
      },
      serialLog: async () => (await client.instance.serialTail.query({ instanceId, bytes: LOG_BYTES })).text,
    }),
    [client, instanceId],
  );
}
