"use client";

import type { PlacementPreviewInput } from "@indium/contract/api/instance-views";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";

/** Where the instance would go now, and why there; asked anew with every answer that matters for it. */
export function PlacementPreview({ input }: { input: PlacementPreviewInput }) {
  const t = useTranslations("instancesCreate.place");
  const trpc = useTRPC();
  const preview = useQuery({ ...trpc.instance.previewPlacement.queryOptions(input), placeholderData: keepPreviousData });
  const leftOut = preview.data?.placed === true ? preview.data.leftOut : [];
  const reason = <span lang="en">{preview.data?.placed === true ? preview.data.reason : null}</span>;
  return (
    <div aria-live="polite" className="min-h-5 text-[0.8125rem] text-ink-2" data-testid="placement-preview">
      {preview.error ? (
        <p className="text-ink-3">{t.rich("unknown", { message: () => <span lang="en">{wireErrorOf(preview.error).message}</span> })}</p>
      ) : preview.data === undefined ? null : preview.data.placed ? (
        <>
          <p>{input.hostId == null ? t.rich("automaticTo", { reason: () => reason }) : reason}</p>
          {leftOut.length === 0 ? null : (
            <p className="text-ink-3">
              {t.rich("leftOut", { hosts: () => <span lang="en">{leftOut.map(({ name, why }) => `${name} (${why})`).join(", ")}</span> })}
            </p>
          )}
        </>
      ) : (
        <p lang="en" className="text-bad">
          {preview.data.message}
        </p>
      )}
    </div>
  );
}
