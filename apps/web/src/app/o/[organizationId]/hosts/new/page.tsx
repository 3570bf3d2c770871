import { AddHostPage } from "@/features/hosts/add-host-page";
import { Words } from "@/lib/i18n/words";

export default function Page() {
  return (
    <Words rooms={["hosts"]}>
      <AddHostPage />
    </Words>
  );
}
