import { HostId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { HostPage } from "@/features/hosts/host-page";

export default async function Page({ params }: { params: Promise<{ hostId: string }> }) {
  const id = HostId.safeParse((await params).hostId);
  if (!id.success) notFound();
  return <HostPage hostId={id.data} />;
}
