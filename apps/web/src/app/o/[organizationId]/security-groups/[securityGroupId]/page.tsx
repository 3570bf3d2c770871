import { SecurityGroupId } from "@indium/contract/ids";
import { notFound } from "next/navigation";
import { SecurityGroupPage } from "@/features/security-groups/security-group-page";
import { Words } from "@/lib/i18n/words";

export default async function Page({ params }: { params: Promise<{ securityGroupId: string }> }) {
  const id = SecurityGroupId.safeParse((await params).securityGroupId);
  if (!id.success) notFound();
  return (
    <Words rooms={["securityGroups"]}>
      <SecurityGroupPage securityGroupId={id.data} />
    </Words>
  );
}
