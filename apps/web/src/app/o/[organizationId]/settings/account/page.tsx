import { AccountPage } from "@/features/account/account-page";
import { Words } from "@/lib/i18n/words";

export default function Page() {
  return (
    <Words rooms={["account"]}>
      <AccountPage />
    </Words>
  );
}
