import { Suspense } from "react";
import { instanceListInput, parseInstanceFilter } from "@/features/instances/instance-filter";
import { InstancesPage } from "@/features/instances/instances-page";
import { Words } from "@/lib/i18n/words";
import { FIRST_PAGE } from "@/lib/list-pages";
import { type OrganizationPage, organizationOfPage, parametersOf } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  const filter = parseInstanceFilter(await parametersOf(page));
  return (
    <Words rooms={["instancesBulk"]}>
      <Prefetch
        ask={(trpc) => [
          trpc.instance.list.queryOptions({ ...instanceListInput(organizationId, filter), ...FIRST_PAGE }),
          trpc.instance.filterOptions.queryOptions({ organizationId }),
        ]}
      >
        {/* It reads the address bar's query. */}
        <Suspense>
          <InstancesPage />
        </Suspense>
      </Prefetch>
    </Words>
  );
}
