import { ImagesPage } from "@/features/images/images-page";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Prefetch ask={(trpc) => [trpc.image.list.queryOptions({ organizationId })]}>
      <ImagesPage />
    </Prefetch>
  );
}
