"use client";

import { useEffect, useState } from "react";
import { applyTheme, currentTheme, type Theme } from "@/features/shell/theme";
import { PageHeader } from "@/ui/page-header";
import { Segments } from "@/ui/segments";
import { ActionsGallery } from "./actions-gallery";
import { DataGallery } from "./data-gallery";
import { FeedbackGallery } from "./feedback-gallery";
import { FormGallery } from "./form-gallery";
import { ListGallery } from "./list-gallery";
import { OverlayGallery } from "./overlay-gallery";

/** All of ui/, in every state: to look at while changing it, and for the screenshots of both themes. gallery.test.ts sees that nothing is missing. */
export function GalleryPage() {
  const [theme, setTheme] = useState<Theme>("system");
  // Made in the browser: the server's clock is not the reader's.
  const [now, setNow] = useState<Date | null>(null);
  useEffect(() => {
    setTheme(currentTheme());
    setNow(new Date());
  }, []);
  return (
    <main id="gallery" className="mx-auto w-full max-w-5xl px-4 py-8 sm:px-6">
      <PageHeader
        title="Gallery"
        description="Every component of the dashboard, in every state."
        actions={
          <Segments
            label="Theme"
            value={theme}
            onValueChange={(next) => {
              setTheme(next);
              applyTheme(next);
            }}
            options={[
              { value: "system", label: "System" },
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
          />
        }
      />
      <ActionsGallery />
      <FormGallery />
      {now === null ? null : <FeedbackGallery now={now} />}
      {now === null ? null : <DataGallery now={now} />}
      <ListGallery />
      <OverlayGallery />
    </main>
  );
}
