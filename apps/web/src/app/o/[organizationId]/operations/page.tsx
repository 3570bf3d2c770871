import { Suspense } from "react";
import { operationListInput, parseOperationFilter } from "@/features/operations/operation-filter";
import { OperationsPage } from "@/features/operations/operations-page";
import { FIRST_PAGE } from "@/lib/list-pages";
import { type OrganizationPage, organizationOfPage, parametersOf } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  const filter = parseOperationFilter(await parametersOf(page));
  return (
    <Prefetch ask={(trpc) => [trpc.operation.list.queryOptions({ ...operationListInput(organizationId, filter), ...FIRST_PAGE })]}>
      {/* It reads the address bar's query. */}
      <Suspense>
        <OperationsPage />
      </Suspense>
    </Prefetch>
  );
}
