import NextAuth from "next-auth";
import { authOptions } from "@/server/auth/options";
import { withBoundedBody } from "@/server/http/bounded-body";

/** An address, a password and a token. */
const MAX_BODY_BYTES = 16 * 1024;

async function handle(request: Request, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> {
  const bounded = await withBoundedBody(request, MAX_BODY_BYTES).catch(() => null);
  if (bounded === null) return new Response("too large", { status: 413 });
  return (await NextAuth(bounded as never, context as never, authOptions())) as Response;
}

export { handle as GET, handle as POST };

export const dynamic = "force-dynamic";
