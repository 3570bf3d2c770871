import { OverviewPage } from "@/features/overview/overview-page";
import { Words } from "@/lib/i18n/words";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Words rooms={["hosts", "images", "overview"]}>
      <Prefetch ask={(trpc) => [trpc.fleet.get.queryOptions({ organizationId }), trpc.image.list.queryOptions({ organizationId })]}>
        <OverviewPage />
      </Prefetch>
    </Words>
  );
}
