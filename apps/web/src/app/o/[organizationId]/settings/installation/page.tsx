import { OrganizationsPage } from "@/features/organizations/organizations-page";

export default function Page() {
  return <OrganizationsPage />;
}
