import type { Metadata } from "next";
import { SharedConsolePage } from "@/features/console/shared-console-page";

export const metadata: Metadata = { title: "Shared console", robots: { index: false } };

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return <SharedConsolePage token={(await params).token} />;
}
