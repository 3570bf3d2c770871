import { InstanceId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { ConsolePage } from "@/features/console/console-page";
import { Words } from "@/lib/i18n/words";

export default async function Page({ params }: { params: Promise<{ instanceId: string }> }) {
  const id = InstanceId.safeParse((await params).instanceId);
  if (!id.success) notFound();
  return (
    <Words rooms={["console"]}>
      <ConsolePage instanceId={id.data} />
    </Words>
  );
}
