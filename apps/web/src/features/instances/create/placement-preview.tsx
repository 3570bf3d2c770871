"use client";

import type { PlacementPreviewInput } from "@indium/contract/api/instance-views";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";

/** Where the instance would go now, and why there; asked anew with every answer that matters for it. */
export function PlacementPreview({ input }: { input: PlacementPreviewInput }) {
  const trpc = useTRPC();
  const preview = useQuery({ ...trpc.instance.previewPlacement.queryOptions(input), placeholderData: keepPreviousData });
  return (
    <div aria-live="polite" className="min-h-5 text-[0.8125rem] text-ink-2" data-testid="placement-preview">
      {preview.error ? (
        <p className="text-ink-3">Where it would go cannot be told: {wireErrorOf(preview.error).message}</p>
      ) : preview.data === undefined ? null : preview.data.placed ? (
        <>
          <p>
            {input.hostId == null ? "Automatic → " : ""}
            {preview.data.reason}
          </p>
          {preview.data.leftOut.length === 0 ? null : (
            <p className="text-ink-3">Left out: {preview.data.leftOut.map(({ name, why }) => `${name} (${why})`).join(", ")}</p>
          )}
        </>
      ) : (
        <p className="text-bad">{preview.data.message}</p>
      )}
    </div>
  );
}
