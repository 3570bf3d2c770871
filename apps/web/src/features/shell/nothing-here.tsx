import Link from "next/link";
import { paths } from "@/lib/path-builder";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

export function NothingHere() {
  return (
    <main className="flex min-h-[70dvh] items-center justify-center">
      <EmptyState
        title="Nothing here"
        description="The address is wrong, or what it pointed to is gone."
        action={
          <Button asChild variant="primary">
            <Link href={paths.root()}>Go to Indium</Link>
          </Button>
        }
      />
    </main>
  );
}
