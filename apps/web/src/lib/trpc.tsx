"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import type { AppRouter } from "@/server/api/root";
import { wireErrorOf } from "./wire-error";
import { wireValues } from "./wire-values";

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

const ENDPOINT = "/api/trpc";
/** What was asked for stays true until the live feed says otherwise. */
const STALE_MS = 5 * 60_000;

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The browser's idea of "offline" means the internet; Indium may be on this very machine, or on a LAN without any.
      mutations: { networkMode: "always" },
      queries: {
        networkMode: "always",
        staleTime: STALE_MS,
        retry: (failures, error) => {
          const { code } = wireErrorOf(error);
          return (code === "internal" || code === "host_unreachable") && failures < 2;
        },
      },
    },
  });
}

function newClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({ url: ENDPOINT, transformer: wireValues }),
        // POST for queries too: user data of 64 KiB fits in no address, and nothing asked for ends up in a log of addresses.
        false: httpBatchLink({ url: ENDPOINT, transformer: wireValues, methodOverride: "POST" }),
      }),
    ],
  });
}

/** Around every page: queries, mutations and subscriptions. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(newQueryClient);
  const [client] = useState(newClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
