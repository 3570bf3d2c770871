import { OverviewPage } from "@/features/overview/overview-page";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Prefetch ask={(trpc) => [trpc.fleet.get.queryOptions({ organizationId }), trpc.image.list.queryOptions({ organizationId })]}>
      <OverviewPage />
    </Prefetch>
  );
}
