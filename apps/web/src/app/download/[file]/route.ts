import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { z } from "zod";
import { env } from "@/lib/env";
import { errorResponse } from "@/server/http/app-error-response";
import { fileResponse } from "@/server/http/file-response";

export const dynamic = "force-dynamic";

/** `agent.json` as the build writes it, with more beside what is read here. */
const Manifest = z.object({
  version: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  file: z.string().regex(/^agent-[A-Za-z0-9._+-]{1,100}\.tar\.gz$/),
});
const ManifestFile = z.union([Manifest, z.object({ archives: z.array(Manifest) })]);

/** The agent's manifest, and the archive that it names: nothing else of the folder is served. */
export async function GET(request: Request, { params }: { params: Promise<{ file: string }> }): Promise<Response> {
  try {
    const { file } = await params;
    const dir = join(env().distDir, "agent");
    const text = await readFile(join(dir, "agent.json"), "utf8").catch(() => {
      throw new AppError("not_found", "The agent is not built yet. Run npm run build on the machine that runs Indium.");
    });
    if (file === "agent.json") return new Response(text, { headers: { "content-type": "application/json", "cache-control": "no-cache" } });
    const manifest = ManifestFile.parse(JSON.parse(text));
    const archive = ("archives" in manifest ? manifest.archives : [manifest]).find((candidate) => candidate.file === file);
    if (archive === undefined) throw new AppError("not_found", "There is no such file here.");
    return await fileResponse(request, {
      path: join(dir, archive.file),
      etag: archive.sha256,
      contentType: "application/gzip",
      immutable: false,
    });
  } catch (thrown) {
    return errorResponse(thrown, "download");
  }
}

export const HEAD = GET;
