import { AppError } from "@indium/contract/errors";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { contextOfRequest } from "@/server/api/request-context";
import { appRouter } from "@/server/api/root";
import { withBoundedBody } from "@/server/http/bounded-body";

/** Larger than any form of ours (user data is at most 64 KiB), smaller than what hurts. */
const MAX_BODY_BYTES = 512 * 1024;

async function handle(request: Request): Promise<Response> {
  const bounded = await withBoundedBody(request, MAX_BODY_BYTES).catch(() => null);
  if (bounded === null) return new Response("too large", { status: 413 });
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: bounded,
    router: appRouter,
    createContext: () => contextOfRequest(request.headers),
    maxBatchSize: 30,
    allowMethodOverride: true,
    onError: ({ error, path }) => {
      const { cause } = error;
      if (cause instanceof AppError && cause.code !== "internal") return;
      if (error.code === "INTERNAL_SERVER_ERROR")
        console.error(
          `api ${path ?? "?"}:`,
          cause instanceof AppError ? (cause.internal ?? cause.message) : (error.stack ?? error.message),
        );
    },
  });
}

export { handle as GET, handle as POST };

export const dynamic = "force-dynamic";
