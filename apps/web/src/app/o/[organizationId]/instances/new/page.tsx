import { CreateInstancePage } from "@/features/instances/create/create-instance-page";
import { Words } from "@/lib/i18n/words";

export default function Page() {
  return (
    <Words rooms={["images", "instancesCreate", "networks", "organizations", "securityGroups", "sshKeys", "userData"]}>
      <CreateInstancePage />
    </Words>
  );
}
