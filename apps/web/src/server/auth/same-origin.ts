/**
 * Whether a page of ours sent the request. Browsers say so themselves and pages cannot forge it: `Sec-Fetch-Site`, or
 * `Origin` on every POST. Neither header means no browser, and so no cookies sent behind somebody's back.
 */
export function isSameOrigin(headers: Headers, publicUrl: string): boolean {
  const origin = headers.get("origin");
  if (origin !== null) {
    // The same machine has several names (localhost, 127.0.0.1): the one the browser asked for is as good as the public one.
    // Where the public address is https, a page that came in the clear is not ours: whoever is between may have written it.
    const host = headers.get("host");
    const schemes = publicUrl.startsWith("https:") ? ["https"] : ["https", "http"];
    return origin === new URL(publicUrl).origin || (host !== null && schemes.some((scheme) => origin === `${scheme}://${host}`));
  }
  const site = headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}
