import { createTRPCClient, httpBatchLink } from "@trpc/client";
import superjson from "superjson";
import type { AppRouter } from "../apps/web/src/server/api/root";

/** Cookies of one person, as a browser keeps them. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  take(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }

  header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}

export function clientFor(origin: string, jar: CookieJar) {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${origin}/api/trpc`,
        transformer: superjson,
        headers: () => ({ cookie: jar.header(), origin }),
      }),
    ],
  });
}
export type ApiClient = ReturnType<typeof clientFor>;

export const anonymousClient = (origin: string): ApiClient => clientFor(origin, new CookieJar());

/** Signs in as the sign-in page does. @throws when e-mail and password are refused. */
export const signIn = async (origin: string, email: string, password: string): Promise<ApiClient> =>
  clientFor(origin, await sessionOf(origin, email, password));

/** The cookies of somebody who has signed in. @throws when e-mail and password are refused. */
export async function sessionOf(origin: string, email: string, password: string): Promise<CookieJar> {
  const jar = new CookieJar();
  const csrf = await fetch(`${origin}/api/auth/csrf`);
  jar.take(csrf);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const response = await fetch(`${origin}/api/auth/callback/credentials`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: jar.header(), origin },
    body: new URLSearchParams({ csrfToken, email, password, json: "true", callbackUrl: origin }),
    redirect: "manual",
  });
  jar.take(response);
  if (!/session-token/.test(jar.header())) throw new Error(`${email} could not sign in (${response.status})`);
  return jar;
}
