import { AppError } from "@indium/contract/errors";
import { contextOfRequest } from "@/server/api/request-context";
import { errorResponse } from "@/server/http/app-error-response";
import { auditBy } from "@/server/services/audit";
import { AUDIT_FORMATS, auditFilterOf, exportAudit } from "@/server/services/audit-export";
import { authorize } from "@/server/services/authorize";

export const dynamic = "force-dynamic";

/** The audit log as a file, by the page's own filter. That it was taken is in the log, too. */
export async function GET(request: Request, { params }: { params: Promise<{ organizationId: string }> }): Promise<Response> {
  try {
    const context = await contextOfRequest(request.headers);
    const { db, actor } = context;
    if (actor === null) throw new AppError("unauthenticated", "Sign in first; your session may have ended.");
    const { organizationId } = await params;
    const organization = await authorize(db, actor, "audit.read", organizationId);
    const query = new URL(request.url).searchParams;
    const format = AUDIT_FORMATS.find((each) => each === query.get("format")) ?? "csv";
    const filter = auditFilterOf(organization.id, query);
    await auditBy(
      db,
      { ...context, actor },
      {
        organizationId: organization.id,
        action: "audit.export",
        target: { kind: "organization", id: organization.id },
        // What was understood of the query, and nothing else of it.
        detail: {
          format,
          ...Object.fromEntries(Object.entries(filter).filter(([name, value]) => name !== "organizationId" && value !== null)),
        },
      },
    );
    const file = `audit-${context.now().toISOString().slice(0, 10)}.${format}`;
    return new Response(streamOf(exportAudit(db, filter, format)), {
      headers: {
        "content-type": format === "csv" ? "text/csv; charset=utf-8" : "application/json",
        "content-disposition": `attachment; filename="${file}"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    });
  } catch (thrown) {
    return errorResponse(thrown, "audit export");
  }
}

/** Read as fast as it is taken, and no more once the browser has gone. */
function streamOf(text: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await text.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    cancel: async () => {
      await text.return(undefined);
    },
  });
}
