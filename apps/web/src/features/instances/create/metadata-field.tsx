"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { METADATA_DIALECTS } from "@indium/contract/plain/metadata-dialects";
import { useTranslations } from "use-intl/react";
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
  const tImages = useTranslations("images");
  const offered = image?.dialect ?? "openstack";
  const dialect = form.dialect ?? offered;
  const tokens = form.metadataTokens ?? (dialect === offered ? (image?.metadataTokens ?? "optional") : "optional");
  const reason =
    form.dialect === null && image !== null && image.dialectReason !== "" ? image.dialectReason : tImages(`dialects.${dialect}.about`);
  return (
    <Fold
      summary={`Metadata: ${tImages(`dialects.${dialect}.name`)}${tokens === "required" ? ", session tokens only" : ""}`}
      forcedOpen={error !== undefined}
    >
      <div className="flex max-w-md flex-col gap-4">
        <Field label="The guest sees" hint={reason} error={error}>
          <Select
            value={form.dialect ?? ""}
            onChange={(event) =>
              onChange({ dialect: oneOf(METADATA_DIALECTS, event.target.value), metadataTokens: null, metadataHopLimit: 1 })
            }
          >
            <option value="">{tImages(`dialects.${offered}.name`)}, as the image says</option>
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
              label="Only with a session token (IMDSv2)"
              description="Refuses the plain requests that a fooled web application would make."
            />
            <Field label="Tokens reach" hint="By the hop limit of the packets that carry one.">
              <Select
                value={String(form.metadataHopLimit)}
                onChange={(event) => onChange({ metadataHopLimit: event.target.value === "2" ? 2 : 1 })}
              >
                <option value="1">this instance only</option>
                <option value="2">containers behind its own network too</option>
              </Select>
            </Field>
          </>
        ) : null}
      </div>
    </Fold>
  );
}
