import { MembersPage } from "@/features/members/members-page";
import { Words } from "@/lib/i18n/words";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Words rooms={["members"]}>
      <Prefetch ask={(trpc) => [trpc.member.list.queryOptions({ organizationId })]}>
        <MembersPage />
      </Prefetch>
    </Words>
  );
}
