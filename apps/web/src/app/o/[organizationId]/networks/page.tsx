import { NetworksPage } from "@/features/networks/networks-page";
import { Words } from "@/lib/i18n/words";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Words rooms={["networks"]}>
      <Prefetch ask={(trpc) => [trpc.network.list.queryOptions({ organizationId })]}>
        <NetworksPage />
      </Prefetch>
    </Words>
  );
}
