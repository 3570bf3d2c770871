"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { METADATA_DIALECTS } from "@indium/contract/plain/metadata-dialects";
import { useTranslations } from "use-intl/react";
import { useCatalogueWords } from "@/features/images/catalogue-words";
import { oneOf } from "@/lib/one-of";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Fold } from "@/ui/fold";
import { Select } from "@/ui/select";
import type { CreateForm } from "./create-form";

interface MetadataFieldProps {
  image: ImageView | null;
  form: Pick<CreateForm, "dialect" | "metadataTokens" | "metadataHopLimit">;
  onChange: (part: Partial<CreateForm>) => void;
  error: string | undefined;
}

/** Which cloud the guest is shown. Folded away: the image's own choice is right for nearly everybody. */
export function MetadataField({ image, form, onChange, error }: MetadataFieldProps) {
  const t = useTranslations("instancesCreate.metadata");
  const tImages = useTranslations("images");
  const say = useCatalogueWords();
  const offered = image?.dialect ?? "openstack";
  const dialect = form.dialect ?? offered;
  const tokens = form.metadataTokens ?? (dialect === offered ? (image?.metadataTokens ?? "optional") : "optional");
  const reason =
    form.dialect === null && image !== null && image.dialectReason !== "" ? say(image.dialectReason) : tImages(`dialects.${dialect}.about`);
  return (
    <Fold summary={t("summary", { dialect: tImages(`dialects.${dialect}.name`), tokens })} forcedOpen={error !== undefined}>
      <div className="flex max-w-md flex-col gap-4">
        <Field label={t("sees")} hint={reason} error={error}>
          <Select
            value={form.dialect ?? ""}
            onChange={(event) =>
              onChange({ dialect: oneOf(METADATA_DIALECTS, event.target.value), metadataTokens: null, metadataHopLimit: 1 })
            }
          >
            <option value="">{t("asImage", { dialect: tImages(`dialects.${offered}.name`) })}</option>
            {METADATA_DIALECTS.filter((each) => each !== offered).map((each) => (
              <option key={each} value={each}>
                {tImages(`dialects.${each}.name`)}
              </option>
            ))}
          </Select>
        </Field>
        {dialect === "ec2" ? (
          <>
            <Checkbox
              checked={tokens === "required"}
              onCheckedChange={(required) => onChange({ metadataTokens: required ? "required" : "optional" })}
              label={t("tokensOnly")}
              description={t("tokensOnlyDescription")}
            />
            <Field label={t("reach")} hint={t("reachHint")}>
              <Select
                value={String(form.metadataHopLimit)}
                onChange={(event) => onChange({ metadataHopLimit: event.target.value === "2" ? 2 : 1 })}
              >
                <option value="1">{t("reachInstance")}</option>
                <option value="2">{t("reachContainers")}</option>
              </Select>
            </Field>
          </>
        ) : null}
      </div>
    </Fold>
  );
}
