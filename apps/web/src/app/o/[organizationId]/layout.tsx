import { OrganizationId } from "@indium/contract/ids";
import type { ReactNode } from "react";
import { OrganizationShell } from "@/features/shell/organization-shell";
import { Words } from "@/lib/i18n/words";
import { Prefetch } from "@/server/http/prefetch";

export default async function Layout({ params, children }: { params: Promise<{ organizationId: string }>; children: ReactNode }) {
  const { organizationId } = await params;
  const id = OrganizationId.safeParse(organizationId).data;
  return (
    <Words rooms={["instances", "instancesDenials", "live", "operations", "palette"]}>
      <Prefetch
        ask={(trpc) => [
          trpc.session.get.queryOptions(),
          ...(id === undefined ? [] : [trpc.site.list.queryOptions({ organizationId: id })]),
        ]}
      >
        <OrganizationShell organizationId={organizationId}>{children}</OrganizationShell>
      </Prefetch>
    </Words>
  );
}
