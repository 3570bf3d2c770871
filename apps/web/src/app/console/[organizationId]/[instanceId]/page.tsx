import { InstanceId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { ConsolePage } from "@/features/console/console-page";
import { OrganizationShell } from "@/features/shell/organization-shell";
import { Words } from "@/lib/i18n/words";

export default async function Page({ params }: { params: Promise<{ organizationId: string; instanceId: string }> }) {
  const { organizationId, instanceId } = await params;
  const id = InstanceId.safeParse(instanceId);
  if (!id.success) notFound();
  return (
    <Words rooms={["console", "instances", "instancesDenials", "live", "operations", "palette"]}>
      <OrganizationShell organizationId={organizationId} bare>
        <ConsolePage instanceId={id.data} popOut />
      </OrganizationShell>
    </Words>
  );
}
