import { Suspense } from "react";
import { hostPageInput, parseHostFilter } from "@/features/hosts/host-filter";
import { HostsPage } from "@/features/hosts/hosts-page";
import { Words } from "@/lib/i18n/words";
import { FIRST_PAGE } from "@/lib/list-pages";
import { type OrganizationPage, organizationOfPage, parametersOf } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  const filter = parseHostFilter(await parametersOf(page));
  return (
    <Words rooms={["hosts"]}>
      <Prefetch ask={(trpc) => [trpc.host.page.queryOptions({ ...hostPageInput(organizationId, filter), ...FIRST_PAGE })]}>
        {/* It reads the address bar's query. */}
        <Suspense>
          <HostsPage />
        </Suspense>
      </Prefetch>
    </Words>
  );
}
