import { SitesPage } from "@/features/sites/sites-page";

export default function Page() {
  return <SitesPage />;
}
