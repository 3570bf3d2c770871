import { InstanceId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { InstancePage } from "@/features/instances/detail/instance-page";
import { Words } from "@/lib/i18n/words";
import { Prefetch } from "@/server/http/prefetch";

export default async function Page({ params }: { params: Promise<{ instanceId: string }> }) {
  const id = InstanceId.safeParse((await params).instanceId);
  if (!id.success) notFound();
  return (
    <Words
      rooms={[
        "console",
        "images",
        "instancesDetail",
        "instancesSettings",
        "instancesTimeline",
        "metrics",
        "networks",
        "securityGroups",
        "userData",
      ]}
    >
      <Prefetch ask={(trpc) => [trpc.instance.get.queryOptions({ instanceId: id.data })]}>
        <InstancePage instanceId={id.data} />
      </Prefetch>
    </Words>
  );
}
