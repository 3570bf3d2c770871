import { AppError } from "@indium/contract/errors";
import type { NextAuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { env } from "../../lib/env";
import { paths } from "../../lib/path-builder";
import { db } from "../db";
import { signIn } from "../services/users";
import { remoteAddressOf } from "./remote-address";
import { SESSION_MAX_AGE_S, sessionCookieName } from "./session";
import { sessionSecret } from "./session-secret";

/** What `signIn()` of the browser gets as `error`; anything else means that address and password do not fit. */
export const RATE_LIMITED = "rate_limited";

/** Made at the first request, because building the pages reads no keys. */
export function authOptions(): NextAuthOptions {
  const { publicUrl, keysDir } = env();
  // next-auth reads its own origin from here only.
  process.env.NEXTAUTH_URL ??= publicUrl;
  const secure = publicUrl.startsWith("https://");
  return {
    secret: sessionSecret(keysDir),
    useSecureCookies: secure,
    session: { strategy: "jwt", maxAge: SESSION_MAX_AGE_S },
    pages: { signIn: paths.signIn(), signOut: paths.signIn(), error: paths.signIn() },
    cookies: {
      sessionToken: { name: sessionCookieName(publicUrl), options: { httpOnly: true, sameSite: "lax", path: "/", secure } },
    },
    providers: [
      Credentials({
        id: "credentials",
        name: "Password",
        credentials: { email: { label: "E-mail", type: "email" }, password: { label: "Password", type: "password" } },
        authorize: async (given, request) => {
          if (typeof given?.email !== "string" || typeof given.password !== "string") return null;
          if (given.email.length > 254 || given.password.length > 200) return null;
          const remoteAddress = remoteAddressOf(new Headers(toHeaders(request.headers)));
          try {
            const user = await signIn(db(), { email: given.email, password: given.password, remoteAddress }, new Date());
            return user === null ? null : { id: user.id, email: user.email, name: user.name, sessionEpoch: user.sessionEpoch };
          } catch (thrown) {
            if (thrown instanceof AppError && thrown.code === "rate_limited") throw new Error(RATE_LIMITED);
            throw new Error("unavailable", { cause: thrown });
          }
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => {
        if (user && "sessionEpoch" in user) token.epoch = user.sessionEpoch;
        return token;
      },
    },
  };
}

function toHeaders(headers: Record<string, unknown> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
