import type { Metadata } from "next";
import { SharedConsolePage } from "@/features/console/shared-console-page";
import { requestTranslator } from "@/lib/i18n/request-locale";
import { Words } from "@/lib/i18n/words";

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslator();
  return { title: t("console.sharedPageTitle"), robots: { index: false } };
}

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return (
    <Words rooms={["console", "instances", "instancesDenials"]}>
      <SharedConsolePage token={(await params).token} />
    </Words>
  );
}
