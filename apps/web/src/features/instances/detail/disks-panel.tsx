"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useFormat } from "@/lib/i18n/use-format";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { CopyValue } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { Meter } from "@/ui/meter";
import { Skeleton } from "@/ui/skeleton";

/** The instance's disks: what is wished, and the files as its host has them now. */
export function DisksPanel({ instance }: { instance: InstanceView }) {
  const t = useTranslations("instancesDetail.disks");
  const format = useFormat();
  const trpc = useTRPC();
  const disks = useQuery({ ...trpc.instance.disks.queryOptions({ instanceId: instance.id }), staleTime: 0 });
  if (disks.data === undefined)
    return disks.error ? (
      <div className="flex flex-col gap-4">
        <ErrorNotice title={t("notAsked")} error={disks.error} onRetry={() => void disks.refetch()} />
        <p className="text-ink-2">
          {t("byRecord", { size: format.bytes(instance.disk?.sizeBytes ?? instance.diskBytes), image: instance.imageName })}
        </p>
      </div>
    ) : (
      <Skeleton className="h-40 rounded" />
    );
  if (disks.data.disks.length === 0) return <p className="text-ink-2">{t("none", { size: format.bytes(instance.diskBytes) })}</p>;
  return (
    <div className="flex flex-col gap-6">
      {disks.data.disks.map((disk) => {
        const isHeld = instance.disk === null || disk.volumeId === instance.disk.volumeId;
        return (
          <section key={disk.volumeId} aria-label={isHeld ? t("root") : t("old")}>
            <h3 className="mb-3 font-medium">{isHeld ? t("root") : t("oldTitle")}</h3>
            <Meter
              label={t("used")}
              value={disk.virtualSizeBytes === 0 ? 0 : Math.min(1, disk.usedBytes / disk.virtualSizeBytes)}
              text={t("usedOf", { used: format.bytes(disk.usedBytes), whole: format.bytes(disk.virtualSizeBytes) })}
            />
            <div className="mt-4">
              <Facts
                facts={[
                  { label: t("id"), value: <CopyValue value={disk.volumeId} label={t("copyId")} /> },
                  { label: t("capacity"), value: t("capacityValue", { size: format.bytes(disk.virtualSizeBytes) }) },
                  {
                    label: t("format"),
                    value: t(disk.format),
                  },
                  {
                    label: t("madeFrom"),
                    value: disk.basePath === null && disk.baseSha256 === null ? t("madeFromNothing") : instance.imageName,
                  },
                  ...(disk.baseSha256 === null
                    ? []
                    : [{ label: t("imageHash"), value: <CopyValue value={disk.baseSha256} label={t("copyImageHash")} /> }]),
                  {
                    label: instance.hostName === null ? t("fileUnnamed") : t("file", { host: instance.hostName }),
                    value: <CopyValue value={disk.path} label={t("copyFile")} />,
                  },
                  ...(disk.basePath === null
                    ? []
                    : [{ label: t("readsFrom"), value: <CopyValue value={disk.basePath} label={t("copyImagePath")} /> }]),
                ]}
              />
            </div>
          </section>
        );
      })}
      <p className="text-pretty text-[0.8125rem] text-ink-3">{t("explanation")}</p>
      <Button size="sm" className="self-start" loading={disks.isFetching} onClick={() => void disks.refetch()}>
        {disks.isFetching ? null : <RotateCw aria-hidden />}
        {t("again")}
      </Button>
    </div>
  );
}
