/** What a public key calls itself: its comment, or else its kind. */
export function nameFromKey(publicKey: string): string {
  const [kind = "", , ...comment] = publicKey.trim().split(/\s+/);
  const said = comment.join(" ").slice(0, 100);
  if (said !== "") return said;
  return kind === "" ? "My key" : `${kind.replace(/^(ssh-|ecdsa-sha2-)/, "")} key`.slice(0, 100);
}
