import { AppError } from "@indium/contract/errors";
import { env } from "@/lib/env";
import { errorResponse } from "@/server/http/app-error-response";
import { installScript } from "@/server/services/enrolments-command";

export const dynamic = "force-dynamic";

/** What `curl … | sudo sh` runs: it carries no secret, the token is an argument. */
export async function GET(): Promise<Response> {
  try {
    const script = await installScript(env()).catch(() => {
      throw new AppError("not_found", "The install script is not built yet. Run npm run build on the machine that runs Indium.");
    });
    return new Response(script, { headers: { "content-type": "text/x-shellscript; charset=utf-8", "cache-control": "no-cache" } });
  } catch (thrown) {
    return errorResponse(thrown, "install.sh");
  }
}
