import { dehydrate, type FetchQueryOptions, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import { cache, type ReactNode } from "react";
import { contextOfRequest } from "../api/request-context";
import { type AppRouter, appRouter } from "../api/root";

/** A page never waits longer for what its browser could as well ask for. */
const PATIENCE_MS = 1_000;

/** One document's pages and layouts are rendered side by side; who asks is looked up once. */
const contextOfPage = cache(async () => contextOfRequest(await headers()));

interface PrefetchProps {
  /** The same options the components inside use, so that their queries are the same. */
  ask: (trpc: TRPCOptionsProxy<AppRouter>) => readonly { readonly queryKey: readonly unknown[] }[];
  children: ReactNode;
}

/**
 * Sends along with the document what its components would ask for first, so that it is shown without a round of requests. It is asked
 * through the API's own procedures, in the name of whoever asks for the page: what they may not see is left out, and the
 * browser asks for it itself and is told why. On the way from page to page, which the browser asks for by script, there is
 * nothing to save: it asks the API at the same time, and may have the answer already.
 */
export async function Prefetch({ ask, children }: PrefetchProps) {
  const isDocument = ((await headers()).get("accept") ?? "").includes("text/html");
  if (!isDocument) return children;
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const trpc = createTRPCOptionsProxy<AppRouter>({ router: appRouter, ctx: contextOfPage, queryClient });
  const asked = Promise.all(ask(trpc).map((options) => queryClient.prefetchQuery(options as FetchQueryOptions)));
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  const state = dehydrate(queryClient);
  return <HydrationBoundary state={state}>{children}</HydrationBoundary>;
}
