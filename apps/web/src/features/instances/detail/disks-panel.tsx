"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { formatBytes } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { CopyValue } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { Meter } from "@/ui/meter";
import { Skeleton } from "@/ui/skeleton";

/** The instance's disks: what is wished, and the files as its host has them now. */
export function DisksPanel({ instance }: { instance: InstanceView }) {
  const trpc = useTRPC();
  const disks = useQuery({ ...trpc.instance.disks.queryOptions({ instanceId: instance.id }), staleTime: 0 });
  if (disks.data === undefined)
    return disks.error ? (
      <div className="flex flex-col gap-4">
        <ErrorNotice title="The host was not asked" error={disks.error} onRetry={() => void disks.refetch()} />
        <p className="text-ink-2">
          By the record it has one disk of {formatBytes(instance.disk?.sizeBytes ?? instance.diskBytes)}, made from {instance.imageName}.
        </p>
      </div>
    ) : (
      <Skeleton className="h-40" />
    );
  if (disks.data.disks.length === 0)
    return <p className="text-ink-2">It has no disk yet: it is made at its first start, {formatBytes(instance.diskBytes)} large.</p>;
  return (
    <div className="flex flex-col gap-6">
      {disks.data.disks.map((disk) => {
        const isHeld = instance.disk === null || disk.volumeId === instance.disk.volumeId;
        return (
          <section key={disk.volumeId} aria-label={isHeld ? "Root disk" : "Old disk"}>
            <h3 className="mb-3 font-medium">{isHeld ? "Root disk" : "Old disk, about to be removed"}</h3>
            <Meter
              label="Used on the host"
              value={disk.virtualSizeBytes === 0 ? 0 : Math.min(1, disk.usedBytes / disk.virtualSizeBytes)}
              text={`${formatBytes(disk.usedBytes)} of at most ${formatBytes(disk.virtualSizeBytes)}`}
            />
            <div className="mt-4">
              <Facts
                facts={[
                  { label: "Id", value: <CopyValue value={disk.volumeId} label="Copy the disk's id" /> },
                  { label: "Capacity", value: `${formatBytes(disk.virtualSizeBytes)}, as the guest sees it` },
                  {
                    label: "Format",
                    value: disk.format === "qcow2" ? "qcow2: takes room on the host as it is written" : "raw: takes its whole room at once",
                  },
                  {
                    label: "Made from",
                    value: disk.basePath === null && disk.baseSha256 === null ? "nothing: it stands by itself" : instance.imageName,
                  },
                  ...(disk.baseSha256 === null
                    ? []
                    : [{ label: "Image's SHA-256", value: <CopyValue value={disk.baseSha256} label="Copy the image's hash" /> }]),
                  {
                    label: `File on ${instance.hostName ?? "the host"}`,
                    value: <CopyValue value={disk.path} label="Copy the file's path" />,
                  },
                  ...(disk.basePath === null
                    ? []
                    : [{ label: "Reads from", value: <CopyValue value={disk.basePath} label="Copy the image's path" /> }]),
                ]}
              />
            </div>
          </section>
        );
      })}
      <p className="text-pretty text-[0.8125rem] text-ink-3">
        The file holds what the guest has written since it was made; the rest is read from the image's copy beside it, which many instances
        share. Copying one without the other copies no disk.
      </p>
      <Button size="sm" className="self-start" loading={disks.isFetching} onClick={() => void disks.refetch()}>
        {disks.isFetching ? null : <RotateCw aria-hidden />}
        Look again
      </Button>
    </div>
  );
}
