"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { Trash2 } from "lucide-react";
import { WireErrorNotice } from "@/features/shell/error-notice";
import { useDenial } from "@/features/shell/organization-context";
import { formatBytes, shortHash } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { CopyButton } from "@/ui/copy-button";
import { DIALECT } from "./dialect-words";
import { EvictCopy } from "./evict-copy";
import { CopyStateBadge, ImageProgress, ImageStateBadge } from "./image-state";
import { OsMark } from "./os-mark";

const ORIGIN = { built: "Built here", catalogue: "Official cloud image", url: "Added by address" } as const;

export function ImageCard({ image, onDelete }: { image: ImageView; onDelete: () => void }) {
  const denial = useDenial("image.manage");
  const own = image.organizationId !== null;
  const facts = [
    ORIGIN[image.origin],
    image.sizeBytes === null ? null : formatBytes(image.sizeBytes),
    image.firmware === "uefi" ? "UEFI" : "BIOS",
    `user ${image.defaultUser}`,
    `needs ${formatBytes(image.minimumMemoryBytes)}`,
  ].filter(Boolean);
  return (
    <Card className="flex w-full flex-col gap-3 p-4">
      <div className="flex items-start gap-3">
        <OsMark operatingSystem={image.operatingSystem} className="size-9" />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">{image.name}</h2>
          <p className="text-[0.8125rem] text-ink-3">{facts.join(" · ")}</p>
        </div>
        <ImageStateBadge image={image} />
        {own ? (
          <IconButton label={`Delete ${image.name}`} size="iconSm" disabledReason={denial} onClick={onDelete}>
            <Trash2 aria-hidden />
          </IconButton>
        ) : null}
      </div>
      {image.description ? <p className="text-pretty text-ink-2">{image.description}</p> : null}
      {image.cloudInit || image.origin === "built" ? (
        <p className="text-pretty text-[0.8125rem] text-ink-3">
          <span className="text-ink-2">
            Metadata as {DIALECT[image.dialect].name}
            {image.metadataTokens === "required" ? " with session tokens only" : ""}.
          </span>{" "}
          {image.dialectReason}
        </p>
      ) : null}
      {image.state === "building" ? (
        <ImageProgress label={`Building ${image.name}`} progress={image.progress} message={image.statusMessage} />
      ) : null}
      {image.error ? <WireErrorNotice title="Could not be made" error={image.error} /> : null}
      <div className="mt-auto flex flex-wrap items-center gap-2 text-[0.8125rem] text-ink-3">
        {image.bootedHere ? null : <Badge>not yet booted by us</Badge>}
        {image.cloudInit ? null : <Badge>no cloud-init</Badge>}
        {image.sha256 === null ? (
          image.origin === "built" ? null : (
            <span>Its hash is pinned at the first download.</span>
          )
        ) : (
          <span className="inline-flex items-center gap-0.5">
            sha256 <span className="font-mono text-xs">{shortHash(image.sha256)}</span>
            <CopyButton text={image.sha256} label={`Copy SHA-256 of ${image.name}`} className="size-6 [&_svg]:size-3.5" />
          </span>
        )}
      </div>
      {image.copies.length > 0 ? (
        <ul aria-label={`Copies of ${image.name} on hosts`} className="flex flex-col gap-2 border-line border-t pt-3">
          {image.copies.map((copy) => (
            <li key={copy.hostId} className="min-w-0">
              <div className="flex items-center justify-between gap-3 text-[0.8125rem]">
                <span className="truncate">{copy.hostName}</span>
                <span className="flex items-center gap-1.5">
                  <CopyStateBadge state={copy.state} />
                  <EvictCopy image={image} copy={copy} />
                </span>
              </div>
              {copy.path === null ? null : (
                <p className="truncate font-mono text-ink-3 text-xs" title={copy.path}>
                  {copy.sizeBytes === null ? "" : `${formatBytes(copy.sizeBytes)} in `}
                  {copy.path}
                </p>
              )}
              {copy.state === "downloading" || copy.state === "verifying" ? (
                <div className="mt-1.5">
                  <ImageProgress label={`${image.name} on ${copy.hostName}`} progress={copy.progress} />
                </div>
              ) : null}
              {copy.error ? <p className="mt-1 break-words text-[0.8125rem] text-bad">{copy.error.message}</p> : null}
            </li>
          ))}
        </ul>
      ) : null}
    </Card>
  );
}
