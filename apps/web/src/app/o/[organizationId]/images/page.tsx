import { ImagesPage } from "@/features/images/images-page";
import { Words } from "@/lib/i18n/words";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Words rooms={["images"]}>
      <Prefetch ask={(trpc) => [trpc.image.list.queryOptions({ organizationId })]}>
        <ImagesPage />
      </Prefetch>
    </Words>
  );
}
