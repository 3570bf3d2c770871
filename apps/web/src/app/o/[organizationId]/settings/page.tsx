import { OrganizationSettings } from "@/features/organizations/organization-settings";

export default function Page() {
  return <OrganizationSettings />;
}
