import { SizesPage } from "@/features/sizes/sizes-page";
import { Words } from "@/lib/i18n/words";

export default function Page() {
  return (
    <Words rooms={["sizes"]}>
      <SizesPage />
    </Words>
  );
}
