import { AuditPage } from "@/features/audit/audit-page";
import { Words } from "@/lib/i18n/words";

export default function Page() {
  return (
    <Words rooms={["audit"]}>
      <AuditPage />
    </Words>
  );
}
