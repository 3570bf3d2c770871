import { SshKeysPage } from "@/features/ssh-keys/ssh-keys-page";
import { Words } from "@/lib/i18n/words";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage) {
  const organizationId = await organizationOfPage(page);
  return (
    <Words rooms={["sshKeys"]}>
      <Prefetch ask={(trpc) => [trpc.sshKey.list.queryOptions({ organizationId })]}>
        <SshKeysPage />
      </Prefetch>
    </Words>
  );
}
