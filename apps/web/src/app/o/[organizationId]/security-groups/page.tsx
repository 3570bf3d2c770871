import { SecurityGroupsPage } from "@/features/security-groups/security-groups-page";
import { Words } from "@/lib/i18n/words";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Words rooms={["securityGroups"]}>
      <Prefetch ask={(trpc) => [trpc.securityGroup.list.queryOptions({ organizationId })]}>
        <SecurityGroupsPage />
      </Prefetch>
    </Words>
  );
}
