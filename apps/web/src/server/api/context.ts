import type { Db } from "../db";
import type { LiveFeed } from "../live/feed";
import type { Actor } from "../services/actor";

/** What every procedure gets. Made once a request (`request-context.ts`), or by hand in tests. */
export interface ApiContext {
  readonly db: Db;
  readonly feed: LiveFeed;
  /** Who is signed in, read from the database in this request; null for nobody. */
  readonly actor: Actor | null;
  /** The browser's address as the front saw it; for rate limits and the audit. */
  readonly remoteAddress: string | null;
  /** False when a page of another origin sent the request: it may change nothing. */
  readonly sameOrigin: boolean;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly now: () => Date;
}
