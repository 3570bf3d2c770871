"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useQuery } from "@tanstack/react-query";
import { Disc3, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { componentOnDemand } from "@/ui/on-demand";
import { Skeleton } from "@/ui/skeleton";
import { DeleteImageDialog } from "./delete-image-dialog";
import { ImageCard } from "./image-card";

const AddImageDialog = componentOnDemand(() => import("./add-image-dialog").then((module) => module.AddImageDialog));

export function ImagesPage() {
  const t = useTranslations("images");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("image.manage");
  const images = useQuery(trpc.image.list.queryOptions({ organizationId }));
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<ImageView | null>(null);
  const add = (
    <Button variant="primary" disabledReason={denial} onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t("add.title")}
    </Button>
  );
  return (
    <Page title={t("title")} description={t("description")} actions={add}>
      <QueryView query={images} what={t("what")} skeleton={<Skeleton className="h-72 rounded-xl" />}>
        {(data) =>
          data.length === 0 ? (
            <Card>
              <EmptyState icon={<Disc3 />} title={t("none")} description={t("noneHint")} action={add} />
            </Card>
          ) : (
            <ul aria-label={t("title")} className="grid gap-4 md:grid-cols-2">
              {data.map((image) => (
                <li key={image.id} className="flex min-w-0">
                  <ImageCard image={image} onDelete={() => setDeleting(image)} />
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
      <AddImageDialog open={adding} onOpenChange={setAdding} />
      <DeleteImageDialog image={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}
