"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { Trash2 } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { WireErrorNotice } from "@/features/shell/error-notice";
import { useDenial } from "@/features/shell/organization-context";
import { shortHash } from "@/lib/format";
import { useFormat } from "@/lib/i18n/use-format";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { CopyButton } from "@/ui/copy-button";
import { CatalogueWords } from "./catalogue-words";
import { EvictCopy } from "./evict-copy";
import { CopyStateBadge, ImageProgress, ImageStateBadge } from "./image-state";
import { OsMark } from "./os-mark";

export function ImageCard({ image, onDelete }: { image: ImageView; onDelete: () => void }) {
  const t = useTranslations("images");
  const format = useFormat();
  const denial = useDenial("image.manage");
  const own = image.organizationId !== null;
  const facts = [
    t(`card.origins.${image.origin}`),
    image.sizeBytes === null ? null : format.bytes(image.sizeBytes),
    image.firmware === "uefi" ? "UEFI" : "BIOS",
    t("card.user", { name: image.defaultUser }),
    image.minimumMemoryBytes === 0 ? null : t("card.needs", { memory: format.bytes(image.minimumMemoryBytes) }),
  ].filter((fact) => fact !== null);
  return (
    <Card className="flex w-full flex-col gap-3 p-4">
      <div className="flex items-start gap-3">
        <OsMark operatingSystem={image.operatingSystem} large />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">{image.name}</h2>
          <p className="text-[0.8125rem] text-ink-3">
            {/* A number stays with its unit. */}
            {facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join(" · ")}
          </p>
        </div>
        <ImageStateBadge image={image} />
        {own ? (
          <IconButton label={t("card.delete", { name: image.name })} size="iconSm" disabledReason={denial} onClick={onDelete}>
            <Trash2 aria-hidden />
          </IconButton>
        ) : null}
      </div>
      {image.description ? (
        <p className="text-pretty text-ink-2">
          <CatalogueWords english={image.description} />
        </p>
      ) : null}
      {image.cloudInit || image.origin === "built" ? (
        <p className="text-pretty text-[0.8125rem] text-ink-3">
          <span className="text-ink-2">
            {t(image.metadataTokens === "required" ? "card.metadataAsTokens" : "card.metadataAs", {
              dialect: t(`dialects.${image.dialect}.name`),
            })}
          </span>{" "}
          <CatalogueWords english={image.dialectReason} />
        </p>
      ) : null}
      {image.state === "building" ? (
        <ImageProgress label={t("card.building", { name: image.name })} progress={image.progress} message={image.statusMessage} />
      ) : null}
      {image.error ? <WireErrorNotice title={t("card.failed")} error={image.error} /> : null}
      <div className="mt-auto flex flex-wrap items-center gap-2 text-[0.8125rem] text-ink-3">
        {image.bootedHere ? null : <Badge>{t("card.notBooted")}</Badge>}
        {image.cloudInit ? null : <Badge>{t("card.noCloudInit")}</Badge>}
        {image.sha256 === null ? (
          image.origin === "built" ? null : (
            <span>{t("card.pinnedLater")}</span>
          )
        ) : (
          <span className="inline-flex items-center gap-1">
            {t("card.hash")} <span className="font-mono text-xs">{shortHash(image.sha256)}</span>
            <CopyButton text={image.sha256} label={t("card.copyHash", { name: image.name })} size="iconXs" />
          </span>
        )}
      </div>
      {image.copies.length > 0 ? (
        <ul aria-label={t("card.copies", { name: image.name })} className="flex flex-col gap-2 border-line border-t pt-3">
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
                  {copy.sizeBytes === null ? copy.path : t("card.sizeIn", { size: format.bytes(copy.sizeBytes), path: copy.path })}
                </p>
              )}
              {copy.state === "downloading" || copy.state === "verifying" ? (
                <div className="mt-1.5">
                  <ImageProgress label={t("card.copyOn", { name: image.name, host: copy.hostName })} progress={copy.progress} />
                </div>
              ) : null}
              {copy.error ? (
                <p lang="en" className="mt-1 break-words text-[0.8125rem] text-bad">
                  {copy.error.message}
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </Card>
  );
}
