"use client";

import { RotateCw } from "lucide-react";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

/** A page that broke: nothing on any host is touched by it. */
export function BrokenPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="flex min-h-[70dvh] items-center justify-center">
      <EmptyState
        title="This page broke"
        description={`Your hosts and instances are not affected. ${error.digest ? `The log knows it as ${error.digest}.` : ""}`}
        action={
          <Button variant="primary" onClick={reset}>
            <RotateCw aria-hidden />
            Try again
          </Button>
        }
      />
    </main>
  );
}
