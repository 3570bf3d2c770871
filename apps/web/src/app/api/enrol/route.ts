import { EnrolRequest, type EnrolResponse } from "@indium/contract/enrolment";
import { AppError } from "@indium/contract/errors";
import { readForeignJson } from "@indium/tunnel/foreign-json";
import { env } from "@/lib/env";
import { remoteAddressOf } from "@/server/auth/remote-address";
import { db } from "@/server/db";
import { errorResponse } from "@/server/http/app-error-response";
import { readBody } from "@/server/http/bounded-body";
import { checkedCentre } from "@/server/services/checked-centre";
import { enrolHost } from "@/server/services/enrolments";
import { relaysToDial } from "@/server/services/relays";

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
    const { signer } = await checkedCentre();
    const hostId = await enrolHost(db(), parsed.data, Date.now(), remoteAddressOf(request.headers));
    const relays = await relaysToDial(db(), Date.now());
    const response: EnrolResponse = {
      hostId,
      centrePublicKey: signer.publicKey,
      relayUrls: [env().publicUrl],
      ...(relays.length === 0 ? {} : { relays }),
    };
    return Response.json(response, { headers: { "cache-control": "no-store" } });
  } catch (thrown) {
    return errorResponse(thrown, "enrol");
  }
}

async function readJson(request: Request): Promise<unknown> {
  const body = await readBody(request, MAX_BODY_BYTES);
  const json = readForeignJson(body.toString("utf8"));
  if (json === undefined) throw new AppError("bad_request", "The enrolment is not JSON.");
  return json;
}
