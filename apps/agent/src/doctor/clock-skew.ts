import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type TlsPin, tlsOptions } from "../link/tls-pin";
import type { Surroundings } from "./checkup";

const TIMEOUT_MS = 5_000;

/** Compares with the `Date` header of the dashboard (whole seconds). Under the same pin as everything else: nobody else's clock counts. */
export function clockSkew(origin: string, pin: TlsPin | null): Promise<Surroundings["clock"]> {
  return new Promise((resolve) => {
    const url = new URL("/", origin);
    const options = { method: "HEAD", timeout: TIMEOUT_MS };
    const request = url.protocol === "https:" ? httpsRequest(url, { ...options, ...tlsOptions(pin) }) : httpRequest(url, options);
    request.on("response", (response) => {
      response.resume();
      const theirs = Date.parse(response.headers.date ?? "");
      // The header's second has on average half passed.
      resolve(Number.isFinite(theirs) ? { aheadMs: Date.now() - theirs - 500 } : { unknown: `${origin} tells no time` });
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", (error) => resolve({ unknown: `${origin} cannot be reached (${error.message})` }));
    request.end();
  });
}
