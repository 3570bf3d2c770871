import { db } from "@/server/db";
import { errorResponse } from "@/server/http/app-error-response";
import { checkedCentre } from "@/server/services/checked-centre";

export const dynamic = "force-dynamic";

/** For a balancer: whether this web can work, that is, reaches the database and holds the installation's keys. 200, or an error with its sentence. */
export async function GET(): Promise<Response> {
  try {
    await checkedCentre();
    await db().$queryRaw`SELECT 1`;
    return new Response("ok\n", { headers: { "content-type": "text/plain", "cache-control": "no-store" } });
  } catch (thrown) {
    return errorResponse(thrown, "health");
  }
}

export const HEAD = GET;
