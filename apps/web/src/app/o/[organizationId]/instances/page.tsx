import { Suspense } from "react";
import { InstancesPage } from "@/features/instances/instances-page";

export default function Page() {
  // It reads the address bar's query.
  return (
    <Suspense>
      <InstancesPage />
    </Suspense>
  );
}
