import { AppError, TRPC_CODE, type WireError } from "@indium/contract/errors";
import type { Permission } from "@indium/domain/policy";
import { initTRPC, TRPCError } from "@trpc/server";
import { ZodError, type z } from "zod";
import type { Db } from "../db";
import { authorize } from "../services/authorize";
import type { ApiContext } from "./context";
import { transformer } from "./transformer";

/** Every procedure says in its `meta` who may call it; a test walks them all and fails on one that does not. */
export type Access =
  | { readonly kind: "public" }
  | { readonly kind: "user" }
  | { readonly kind: "installationAdmin" }
  | { readonly kind: "organization"; readonly permission: Permission };
export interface ProcedureMeta {
  readonly access: Access;
}

/** What of an error may travel: ours as it is, a refused input with its field, and nothing of anything else. */
function wireErrorOf(error: TRPCError): WireError {
  if (error.cause instanceof AppError) return error.cause.toWire();
  if (error.code === "BAD_REQUEST" && error.cause instanceof ZodError) {
    const issue = error.cause.issues[0];
    const field = issue?.path.join(".") ?? "";
    return { code: "bad_request", message: issue?.message ?? "This input cannot be used.", ...(field === "" ? {} : { field }) };
  }
  if (error.code === "NOT_FOUND") return { code: "not_found", message: "There is no such procedure." };
  if (error.code !== "INTERNAL_SERVER_ERROR") return { code: "bad_request", message: "This request cannot be read." };
  return {
    code: "internal",
    // A database that dies at the commit leaves nobody knowing: it is not claimed that nothing was changed.
    message: "Something went wrong in Indium; its log says more. Look whether it was done before you ask again.",
  };
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    transformer,
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter: ({ shape, error }) => {
      const app = wireErrorOf(error);
      return { message: app.message, code: shape.code, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, app } };
    },
  });

export const createRouter = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Turns our errors into tRPC's with the right code, so that status and log fit; foreign ones stay internal. */
const translateErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  if (cause instanceof AppError) throw new TRPCError({ code: TRPC_CODE[cause.code], message: cause.message, cause });
  return result;
});

/** A page of another origin sends our cookies along with its forms; it may ask, but it may change nothing. */
const refuseForeignOrigins = t.middleware(({ ctx, type, next }) => {
  if (type === "mutation" && !ctx.sameOrigin)
    throw new AppError("forbidden", `This request came from another site. Open Indium at ${ctx.publicUrl} and try again there.`);
  return next();
});

const base = t.procedure.use(translateErrors).use(refuseForeignOrigins);

export const publicProcedure = base.meta({ access: { kind: "public" } });

export const userProcedure = base.meta({ access: { kind: "user" } }).use(({ ctx, next }) => {
  if (ctx.actor === null) throw new AppError("unauthenticated", "Sign in first; your session may have ended.");
  return next({ ctx: { actor: ctx.actor } });
});

export const installationAdminProcedure = userProcedure.meta({ access: { kind: "installationAdmin" } }).use(({ ctx, next }) => {
  if (!ctx.actor.installationAdmin) throw new AppError("forbidden", "Only an administrator of this installation may do this.");
  return next();
});

/**
 * A procedure inside an organization: the input says (directly, or by something that belongs to it) which one, and the one
 * authorization function decides. It adds `ctx.organization`. `what` names the thing in "There is no such …".
 */
export function organizationProcedure<Schema extends z.ZodType<object>>(
  permission: Permission,
  input: Schema,
  resolve: (input: z.output<Schema>, db: Db) => Promise<string | null> | string | null,
  what = "organization",
) {
  return userProcedure
    .meta({ access: { kind: "organization", permission } })
    .input(input)
    .use(async (options) => {
      const { ctx, next } = options;
      const parsed = options.input as z.output<Schema>;
      const organization = await authorize(ctx.db, ctx.actor, permission, await resolve(parsed, ctx.db), what);
      return next({ ctx: { organization } });
    });
}
