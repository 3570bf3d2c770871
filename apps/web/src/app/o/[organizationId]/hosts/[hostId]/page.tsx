import { HostId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { HostPage } from "@/features/hosts/host-page";
import { Words } from "@/lib/i18n/words";
import { type OrganizationPage, organizationOfPage } from "@/server/http/page-address";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page(page: OrganizationPage & { params: Promise<{ hostId: string }> }) {
  const id = HostId.safeParse((await page.params).hostId);
  if (!id.success) notFound();
  const organizationId = await organizationOfPage(page);
  return (
    <Words rooms={["hosts", "metrics", "networks"]}>
      <Prefetch
        ask={(trpc) => [
          trpc.host.get.queryOptions({ hostId: id.data }),
          trpc.instance.list.queryOptions({ organizationId, hostId: id.data }),
          trpc.network.list.queryOptions({ organizationId }),
        ]}
      >
        <HostPage hostId={id.data} />
      </Prefetch>
    </Words>
  );
}
