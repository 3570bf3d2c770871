"use client";

import type { OrganizationId } from "@indium/contract/ids";
import { useTranslations } from "use-intl/react";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { Switch } from "@/ui/switch";
import type { OrganizationSummary } from "./organization-summary";

interface ProviderFieldsProps {
  isProvider: boolean;
  providerId: OrganizationId | null;
  onChange: (value: { isProvider: boolean; providerId: OrganizationId | null }) => void;
  providers: readonly OrganizationSummary[];
  errors: Readonly<Record<string, string>>;
}

/** Either it manages others, or one manages it, or neither. */
export function ProviderFields({ isProvider, providerId, onChange, providers, errors }: ProviderFieldsProps) {
  const t = useTranslations("organizations.manager");
  const common = useTranslations("common");
  return (
    <>
      <Field label={common("managedBy")} error={errors.providerId} hint={providers.length === 0 ? t("noProvider") : t("hint")}>
        <Select
          value={providerId ?? ""}
          disabled={isProvider || providers.length === 0}
          onChange={(event) =>
            onChange({ isProvider, providerId: providers.find((provider) => provider.id === event.target.value)?.id ?? null })
          }
        >
          <option value="">{t("nobody")}</option>
          {providers.map((provider) => (
            <option key={provider.id} value={provider.id}>
              {provider.name}
            </option>
          ))}
        </Select>
      </Field>
      <Switch
        label={t("isProvider")}
        description={errors.isProvider ?? t("isProviderHint")}
        checked={isProvider}
        onCheckedChange={(checked) => onChange({ isProvider: checked, providerId: checked ? null : providerId })}
      />
    </>
  );
}
