import { OrganizationId } from "@indium/contract/ids";
import { notFound } from "next/navigation";

/** What Next gives an organization's page. */
export interface OrganizationPage {
  params: Promise<{ organizationId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function organizationOfPage({ params }: Pick<OrganizationPage, "params">): Promise<OrganizationId> {
  const id = OrganizationId.safeParse((await params).organizationId);
  return id.success ? id.data : notFound();
}

/** The address's query, read as the browser reads it: of a name that stands there twice the first counts. */
export async function parametersOf({ searchParams }: Pick<OrganizationPage, "searchParams">): Promise<(name: string) => string | null> {
  const all = await searchParams;
  return (name) => {
    const value = all[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
}
