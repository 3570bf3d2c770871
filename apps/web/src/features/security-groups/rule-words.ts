import type { SecurityGroupView } from "@indium/contract/api/security-group-views";
import type { useTranslations } from "use-intl/react";

type Rule = Pick<SecurityGroupView["rules"][number], "protocol" | "fromPort" | "toPort" | "cidr" | "remoteGroupName">;
type Translator = ReturnType<typeof useTranslations<"securityGroups">>;

/** `TCP 22`, `UDP 5000–5010`, `All traffic`. */
export function trafficInWords({ protocol, fromPort, toPort }: Rule, t: Translator): string {
  const name = t(`protocols.${protocol}`);
  if (protocol !== "tcp" && protocol !== "udp") return name;
  if (fromPort === null) return t("words.allPorts", { protocol: name });
  return t("words.ports", { protocol: name, ports: fromPort === toPort ? `${fromPort}` : `${fromPort}–${toPort ?? fromPort}` });
}

/** Everyone is the same in both families of addresses. */
export function remoteInWords({ cidr, remoteGroupName }: Rule, t: Translator): string {
  if (remoteGroupName !== null) return t("words.members", { name: remoteGroupName });
  return cidr === "0.0.0.0/0" || cidr === "::/0" ? t("words.everyone") : (cidr ?? "");
}
