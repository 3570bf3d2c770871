import { decode } from "next-auth/jwt";
import type { Db } from "../db";
import { type Actor, loadActor } from "../services/actor";

export const SESSION_MAX_AGE_S = 14 * 24 * 3600;

/** `__Host-` binds the cookie to this origin and to https; over plain http (loopback) browsers refuse the prefix. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith("https://") ? "__Host-indium.session-token" : "indium.session-token";
}

/** Who sent these cookies: the session's user as the database has them now, or null. */
export async function actorOfCookies(
  db: Db,
  cookieHeader: string | null,
  options: { secret: string; publicUrl: string },
): Promise<Actor | null> {
  const token = readCookie(cookieHeader ?? "", sessionCookieName(options.publicUrl));
  if (token === null) return null;
  const session = await decode({ token, secret: options.secret }).catch(() => null);
  if (typeof session?.sub !== "string" || typeof session.epoch !== "number") return null;
  return loadActor(db, session.sub, session.epoch);
}

/** next-auth splits a cookie of more than 4 KiB into `name.0`, `name.1`…; ours never is that long. */
export function readCookie(header: string, name: string): string | null {
  for (const part of header.split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return null;
}
