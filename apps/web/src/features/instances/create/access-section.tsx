"use client";

import type { ImageView, SshKeyView } from "@indium/contract/api/catalogue-views";
import type { SshKeyId } from "@indium/contract/ids";
import { Dices, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial } from "@/features/shell/organization-context";
import { Alert } from "@/ui/alert";
import { Button, IconButton } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { CopyButton } from "@/ui/copy-button";
import { Field } from "@/ui/field";
import { componentOnDemand } from "@/ui/on-demand";
import { PasswordInput } from "@/ui/password-input";
import { Switch } from "@/ui/switch";
import { generatePassword } from "./password-generator";

const AddSshKeyDialog = componentOnDemand(() => import("@/features/ssh-keys/add-ssh-key-dialog").then((module) => module.AddSshKeyDialog));

interface AccessSectionProps {
  image: ImageView | null;
  sshKeys: readonly SshKeyView[];
  selected: readonly SshKeyId[];
  onSelectedChange: (ids: readonly SshKeyId[]) => void;
  password: string | null;
  passwordError: string | undefined;
  onPasswordChange: (password: string | null) => void;
}

/** Who may log in: SSH keys, a password, or both. */
export function AccessSection(props: AccessSectionProps) {
  const t = useTranslations("instancesCreate.access");
  const common = useTranslations("common");
  const { image, sshKeys, selected, onSelectedChange, password, passwordError, onPasswordChange } = props;
  const [adding, setAdding] = useState(false);
  const [visible, setVisible] = useState(true);
  const addDenial = useDenial("sshKey.manage");
  const toggle = (id: SshKeyId, on: boolean) => onSelectedChange(on ? [...selected, id] : selected.filter((each) => each !== id));
  const user = image?.defaultUser ?? t("defaultUser");
  return (
    <div className="flex flex-col gap-5">
      {image !== null && !image.cloudInit ? (
        <Alert tone="info">
          {image.operatingSystem === "tiny" ? t("tiny", { image: image.name }) : t("noCloudInit", { image: image.name })}
        </Alert>
      ) : null}
      <fieldset className="min-w-0">
        <legend className="mb-2 font-medium">{common("sshKeys")}</legend>
        {sshKeys.length === 0 ? (
          <p className="mb-3 text-ink-2">
            {t.rich("noKeys", { user, code: (command) => <span className="font-mono text-[0.8125rem]">{command}</span> })}
          </p>
        ) : (
          <div className="mb-3 grid grid-cols-1 gap-2.5 sm:grid-cols-2">
            {sshKeys.map((key) => (
              <Checkbox
                key={key.id}
                label={key.name}
                description={<span className="font-mono text-xs">{key.fingerprint}</span>}
                checked={selected.includes(key.id)}
                onCheckedChange={(on) => toggle(key.id, on)}
              />
            ))}
          </div>
        )}
        <Button size="sm" disabledReason={addDenial} onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          {t("addKey")}
        </Button>
      </fieldset>
      <div className="flex flex-col gap-3">
        <Switch
          label={common("password")}
          description={t("passwordDescription", { user })}
          checked={password !== null}
          onCheckedChange={(on) => onPasswordChange(on ? generatePassword() : null)}
        />
        {password === null ? null : (
          <Field label={t("passwordLabel")} error={passwordError} hint={t("passwordHint")}>
            <div className="flex max-w-md items-center gap-1">
              <div className="min-w-0 flex-1">
                <PasswordInput
                  autoComplete="new-password"
                  maxLength={128}
                  visible={visible}
                  onVisibleChange={setVisible}
                  value={password}
                  onChange={(event) => onPasswordChange(event.target.value)}
                />
              </div>
              <CopyButton text={password} label={t("copyPassword")} size="iconLg" />
              <IconButton label={t("anotherPassword")} size="iconLg" onClick={() => onPasswordChange(generatePassword())}>
                <Dices aria-hidden />
              </IconButton>
            </div>
          </Field>
        )}
      </div>
      {selected.length === 0 && password === null ? (
        <Alert tone="warn" title={t("nobody.title")}>
          {t("nobody.description")}
        </Alert>
      ) : null}
      <AddSshKeyDialog open={adding} onOpenChange={setAdding} onAdded={(id) => onSelectedChange([...selected, id])} />
    </div>
  );
}
