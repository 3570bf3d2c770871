import { SecurityGroupId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { SecurityGroupPage } from "@/features/security-groups/security-group-page";

export default async function Page({ params }: { params: Promise<{ securityGroupId: string }> }) {
  const id = SecurityGroupId.safeParse((await params).securityGroupId);
  if (!id.success) notFound();
  return <SecurityGroupPage securityGroupId={id.data} />;
}
