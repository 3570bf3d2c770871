import { SecurityGroupsPage } from "@/features/security-groups/security-groups-page";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Prefetch ask={(trpc) => [trpc.securityGroup.list.queryOptions({ organizationId })]}>
      <SecurityGroupsPage />
    </Prefetch>
  );
}
