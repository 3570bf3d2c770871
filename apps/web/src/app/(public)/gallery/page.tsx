import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { GalleryPage } from "@/features/gallery/gallery-page";
import { paths } from "@/lib/path-builder";
import { contextOfRequest } from "@/server/api/request-context";

export const metadata: Metadata = { title: "Gallery" };
export const dynamic = "force-dynamic";

/** Every component in every state, for those who work on them. On an installation in use one signs in first, as everywhere. */
export default async function Page() {
  if (process.env.NODE_ENV !== "development") {
    const { actor } = await contextOfRequest(await headers());
    if (actor === null) redirect(paths.signIn());
  }
  return <GalleryPage />;
}
