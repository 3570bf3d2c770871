import { SitesPage } from "@/features/sites/sites-page";
import { Words } from "@/lib/i18n/words";

export default function Page() {
  return (
    <Words rooms={["sites"]}>
      <SitesPage />
    </Words>
  );
}
