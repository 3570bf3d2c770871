import type { useTranslations } from "use-intl/react";

/** What a public key calls itself: its comment, or else its kind. */
export function nameFromKey(publicKey: string, t: ReturnType<typeof useTranslations<"sshKeys">>): string {
  const [kind = "", , ...comment] = publicKey.trim().split(/\s+/);
  const said = comment.join(" ").slice(0, 100);
  if (said !== "") return said;
  return kind === "" ? t("myKey") : t("kindKey", { kind: kind.replace(/^(ssh-|ecdsa-sha2-)/, "") }).slice(0, 100);
}
