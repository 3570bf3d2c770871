/** What a dialect answers to one path; null means 404. */
export interface Reply {
  readonly contentType: "text/plain" | "application/json";
  readonly body: string;
  /** It tells the guest about itself: asking for it is what "metadata fetched" means. */
  readonly isMetadata: boolean;
}

export const text = (body: string, options: { isMetadata?: boolean } = {}): Reply => ({
  contentType: "text/plain",
  body,
  isMetadata: options.isMetadata ?? false,
});

export const json = (value: unknown, options: { isMetadata?: boolean } = {}): Reply => ({
  contentType: "application/json",
  body: JSON.stringify(value),
  isMetadata: options.isMetadata ?? false,
});

/** A NIC's rules know packets that carry a session token by these words of their status line, and limit their hops (network/nic-rules.ts). */
export const TOKEN_REASON = "Token";
