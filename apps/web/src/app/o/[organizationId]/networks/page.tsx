import { NetworksPage } from "@/features/networks/networks-page";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Prefetch ask={(trpc) => [trpc.network.list.queryOptions({ organizationId })]}>
      <NetworksPage />
    </Prefetch>
  );
}
