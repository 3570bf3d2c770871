import { AppError } from "@indium/contract/errors";
import { Sha256 } from "@indium/contract/image";
import { env } from "@/lib/env";
import { errorResponse } from "@/server/http/app-error-response";
import { fileResponse } from "@/server/http/file-response";
import { checkedCentre } from "@/server/services/checked-centre";
import { blobPath, checkImageQuery, hasBlob } from "@/server/services/image-blobs";

export const dynamic = "force-dynamic";

/** An image for a host: the query is signed for it and expires. Hosts resume with a range. */
export async function GET(request: Request, { params }: { params: Promise<{ sha256: string }> }): Promise<Response> {
  try {
    const sha256 = Sha256.safeParse((await params).sha256);
    if (!sha256.success) throw new AppError("not_found", "There is no such image here.");
    const { signer } = await checkedCentre();
    checkImageQuery(signer, sha256.data, new URL(request.url).searchParams, Date.now());
    const { blobsDir } = env();
    if (!(await hasBlob(blobsDir, sha256.data))) {
      const words = `Image ${sha256.data} is not in this web's INDIUM_BLOBS_DIR. Where several webs run, all need the same files there (docs/operations/scale.md).`;
      console.error(`image: ${words} Here it is ${blobsDir}.`);
      throw new AppError("not_found", words);
    }
    const path = blobPath(blobsDir, sha256.data);
    return await fileResponse(request, { path, etag: sha256.data, contentType: "application/octet-stream", immutable: true });
  } catch (thrown) {
    return errorResponse(thrown, "image");
  }
}

export const HEAD = GET;
