import type { ReactNode } from "react";
import { OrganizationShell } from "@/features/shell/organization-shell";

export default async function Layout({ params, children }: { params: Promise<{ organizationId: string }>; children: ReactNode }) {
  const { organizationId } = await params;
  return <OrganizationShell organizationId={organizationId}>{children}</OrganizationShell>;
}
