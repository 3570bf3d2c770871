import { EnrolRequest, type EnrolResponse } from "@indium/contract/enrolment";
import { AppError } from "@indium/contract/errors";
import { env } from "@/lib/env";
import { db } from "@/server/db";
import { errorResponse } from "@/server/http/app-error-response";
import { centre } from "@/server/services/centre";
import { enrolHost } from "@/server/services/enrolments";

export const dynamic = "force-dynamic";
const MAX_BODY_BYTES = 512 * 1024;

/** A new host's first words (contract/enrolment.ts). No session: the token is the permission. */
export async function POST(request: Request): Promise<Response> {
  try {
    const parsed = EnrolRequest.safeParse(await readJson(request));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const isToken = issue?.path[0] === "token";
      throw new AppError(
        isToken ? "token_invalid" : "bad_request",
        isToken ? `This ${issue.message}.` : `The enrolment is malformed: ${issue?.path.join(".")} ${issue?.message}.`,
      );
    }
    const { signer } = await centre();
    const hostId = await enrolHost(db(), parsed.data, Date.now());
    const response: EnrolResponse = { hostId, centrePublicKey: signer.publicKey, relayUrls: [env().publicUrl] };
    return Response.json(response, { headers: { "cache-control": "no-store" } });
  } catch (thrown) {
    return errorResponse(thrown, "enrol");
  }
}

async function readJson(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AppError("bad_request", "The enrolment is too large.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new AppError("bad_request", "The enrolment is not JSON.");
  }
}
