import { InstanceId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { InstancePage } from "@/features/instances/detail/instance-page";

export default async function Page({ params }: { params: Promise<{ instanceId: string }> }) {
  const id = InstanceId.safeParse((await params).instanceId);
  if (!id.success) notFound();
  return <InstancePage instanceId={id.data} />;
}
