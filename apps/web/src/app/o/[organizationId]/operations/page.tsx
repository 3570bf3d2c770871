import { Suspense } from "react";
import { OperationsPage } from "@/features/operations/operations-page";

export default function Page() {
  // It reads the address bar's query.
  return (
    <Suspense>
      <OperationsPage />
    </Suspense>
  );
}
