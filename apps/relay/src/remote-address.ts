const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

/** The front on this machine says whom it speaks for; from anyone else that header means nothing. Its last entry is the front's own word. */
export function remoteAddressOf(forwardedFor: string | string[] | undefined, socketAddress: string): string {
  if (!LOOPBACK.has(socketAddress) || forwardedFor === undefined) return socketAddress;
  const last = [forwardedFor].flat().join(",").split(",").at(-1)?.trim();
  return last === undefined || last === "" ? socketAddress : last;
}
