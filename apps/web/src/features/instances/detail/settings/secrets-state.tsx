import type { InstanceView } from "@indium/contract/api/instance-views";
import type { SealReason } from "@indium/contract/report";
import { RelativeTime } from "@/ui/relative-time";

const WHY: Record<SealReason, string> = {
  "cloud-init": "cloud-init said that the first boot had ended",
  "phone-home": "the guest said that its first boot had ended",
  "time-limit": "60 minutes had passed since its first start",
};

/** Whether programs in the guest can still ask for its password and user data. */
export function SecretsState({ instance }: { instance: Pick<InstanceView, "secrets" | "hasPassword" | "hasUserData"> }) {
  const { state, since, until, reason } = instance.secrets;
  if (!instance.hasPassword && !instance.hasUserData) return <>None were given.</>;
  switch (state) {
    case "waiting":
      return <>Served to the guest from its next start on, until its first boot has ended.</>;
    case "served":
      return (
        <>
          Served to the guest until its first boot has ended
          {until === null ? (
            "."
          ) : (
            <>
              , at the latest <RelativeTime date={until} />.
            </>
          )}
        </>
      );
    case "sealed":
      return (
        <>
          Sealed {since === null ? "since its first boot" : <RelativeTime date={since} />}
          {reason === null ? "" : `, because ${WHY[reason]}`}. The guest is not given them again, not after a reboot either.
        </>
      );
  }
}
