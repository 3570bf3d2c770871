import { Suspense } from "react";
import { HostsPage } from "@/features/hosts/hosts-page";

export default function Page() {
  // It reads the address bar's query.
  return (
    <Suspense>
      <HostsPage />
    </Suspense>
  );
}
