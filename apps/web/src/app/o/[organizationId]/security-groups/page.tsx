import { SecurityGroupsPage } from "@/features/security-groups/security-groups-page";

export default function Page() {
  return <SecurityGroupsPage />;
}
