import { AppError } from "@indium/contract/errors";
import { z } from "zod";
import type { Env } from "../../lib/env";
import { sessionKeyId, sessionSecret } from "../auth/session-secret";
import { type Db, requireDatabaseUrl } from "../db";
import { migrate } from "../migrate";
import { centre } from "../services/centre";
import { adoptKeys } from "../services/centre-keys";
import { createEnrolment } from "../services/enrolments";
import { registerBuiltImage, reportBuild } from "../services/image-builds";
import { createSetupLink } from "../services/installation";
import { raiseCentreEpoch } from "../services/restore";
import { seedDemo } from "./seed-demo";
import { seedFleet } from "./seed-fleet";

export interface AdminContext {
  readonly db: Db;
  readonly env: Env;
  readonly now: () => Date;
}

type Options = Readonly<Record<string, string | undefined>>;
type Answer = Readonly<Record<string, unknown>>;

/** @throws AppError `bad_request` with the commands there are. */
export async function runAdminCommand(context: AdminContext, command: string, options: Options): Promise<Answer> {
  const { db, env } = context;
  switch (command) {
    case "setup-link":
      return createSetupLink(db, env.publicUrl);
    case "enrol-local":
      return enrolmentToken(context, true);
    case "enrol-simulated":
      return enrolmentToken(context, false);
    case "image-progress":
      await reportBuild(db, Progress.parse(options));
      return {};
    case "image-register": {
      const { slug, file } = z.object({ slug: z.string(), file: z.string() }).parse(options);
      return registerBuiltImage(db, env.blobsDir, slug, file);
    }
    case "seed-demo":
      return seedDemo(context);
    case "seed-fleet":
      return { ...(await seedFleet(context, options)) };
    case "adopt-keys":
      return { ...(await adoptKeys(db, await centre(), sessionKeyId(sessionSecret(env.keysDir)))) };
    case "raise-epoch":
      // A dump may be older than this version, and no worker may start on it before.
      await migrate(requireDatabaseUrl(), env.migrationsDir);
      return { centreEpoch: await raiseCentreEpoch(db, context.now().getTime()) };
    default:
      throw new AppError(
        "bad_request",
        `There is no command "${command}". Commands: setup-link, enrol-local, enrol-simulated, image-progress, image-register, seed-demo, seed-fleet, adopt-keys, raise-epoch.`,
      );
  }
}

const Progress = z.object({
  slug: z.string(),
  state: z.enum(["building", "failed"]),
  message: z.string().max(4_000).default(""),
  done: z.coerce.number().int().min(0).optional(),
  total: z.coerce.number().int().min(0).optional(),
});

/** Before set-up the host belongs to nobody, and set-up claims it; afterwards it joins the first organization's first site. */
async function enrolmentToken({ db, now }: AdminContext, local: boolean): Promise<Answer> {
  const site = await db.site.findFirst({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
  const { token } = await createEnrolment(
    db,
    { organizationId: site?.organizationId ?? null, siteId: site?.id ?? null, local, createdById: null },
    now().getTime(),
  );
  return { token };
}
