import { env } from "../../lib/env";
import { remoteAddressOf } from "../auth/remote-address";
import { isSameOrigin } from "../auth/same-origin";
import { actorOfCookies } from "../auth/session";
import { sessionSecret } from "../auth/session-secret";
import { db } from "../db";
import { liveFeed } from "../live/feed";
import { checkedCentre } from "../services/checked-centre";
import type { ApiContext } from "./context";

export async function contextOfRequest(headers: Headers): Promise<ApiContext> {
  const { publicUrl, keysDir } = env();
  await checkedCentre();
  return {
    db: db(),
    feed: liveFeed(),
    actor: await actorOfCookies(db(), headers.get("cookie"), { secret: sessionSecret(keysDir), publicUrl }),
    remoteAddress: remoteAddressOf(headers),
    sameOrigin: isSameOrigin(headers, publicUrl),
    publicUrl,
    now: () => new Date(),
  };
}
