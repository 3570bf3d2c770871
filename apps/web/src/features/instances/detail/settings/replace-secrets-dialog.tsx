"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { InstanceSecretsInput } from "@indium/contract/api/instance-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { fieldErrorsOf, serverFieldErrors } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { PasswordInput } from "@/ui/password-input";
import { Select } from "@/ui/select";
import { UserDataField } from "../../user-data/user-data-field";

const CHOICES = ["keep", "set", "remove"] as const;
type Choice = (typeof CHOICES)[number];

interface ReplaceSecretsDialogProps {
  instance: InstanceView;
  onClose: () => void;
}

/** Password and user data of the guest's next first boot. Neither can be shown: only their encrypted form is kept. */
export function ReplaceSecretsDialog({ instance, onClose }: ReplaceSecretsDialogProps) {
  const t = useTranslations("instancesSettings.secrets");
  const say = useKnownWords();
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const now = instance.pendingSecrets ?? instance;
  const [passwordChoice, setPasswordChoice] = useState<Choice>("keep");
  const [password, setPassword] = useState("");
  const [visible, setVisible] = useState(false);
  const [userDataChoice, setUserDataChoice] = useState<Choice>("keep");
  const [userData, setUserData] = useState("");
  const [isBroken, setIsBroken] = useState(false);
  const values = {
    instanceId: instance.id,
    password: passwordChoice === "set" ? { kind: passwordChoice, password } : { kind: passwordChoice },
    userData: userDataChoice === "set" ? { kind: userDataChoice, userData } : { kind: userDataChoice },
  };
  const mistakes = fieldErrorsOf(InstanceSecretsInput, values, say);
  const replace = useMutation({
    ...trpc.instance.replaceSecrets.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.instance.pathFilter());
      onClose();
    },
  });
  const refused = serverFieldErrors(replace.error, ["userData"], say);
  const missing =
    passwordChoice === "keep" && userDataChoice === "keep"
      ? t("chooseFirst")
      : passwordChoice === "set" && mistakes["password.password"] !== undefined
        ? mistakes["password.password"]
        : userDataChoice === "set" && (userData.trim() === "" || isBroken)
          ? t("giveReadable")
          : null;
  return (
    <FormDialog
      onClose={onClose}
      title={t("title", { name: instance.name })}
      description={t("description")}
      wide
      submitLabel={t("submit")}
      pending={replace.isPending}
      disabledReason={missing}
      onSubmit={() => {
        const parsed = InstanceSecretsInput.safeParse(values);
        if (parsed.success) replace.mutate(parsed.data);
      }}
    >
      <Field label={common("password")}>
        <Select value={passwordChoice} onChange={(event) => setPasswordChoice(choiceOf(event.target.value))}>
          <option value="keep">{now.hasPassword ? t("keep") : t("keepNone")}</option>
          <option value="set">{now.hasPassword ? t("replace") : t("giveOne")}</option>
          {now.hasPassword ? <option value="remove">{t("remove")}</option> : null}
        </Select>
      </Field>
      {passwordChoice === "set" ? (
        <Field label={t("newPassword")} error={password === "" ? null : (mistakes["password.password"] ?? null)}>
          <PasswordInput
            autoComplete="new-password"
            maxLength={128}
            visible={visible}
            onVisibleChange={setVisible}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
      ) : null}
      <Field label={t("userData")}>
        <Select value={userDataChoice} onChange={(event) => setUserDataChoice(choiceOf(event.target.value))}>
          <option value="keep">{now.hasUserData ? t("keep") : t("keepNone")}</option>
          <option value="set">{now.hasUserData ? t("replace") : t("giveSome")}</option>
          {now.hasUserData ? <option value="remove">{t("remove")}</option> : null}
        </Select>
      </Field>
      {userDataChoice === "set" ? (
        <UserDataField
          label={t("newUserData")}
          optional={false}
          value={userData}
          onChange={setUserData}
          error={refused?.userData}
          onVerdict={setIsBroken}
        />
      ) : null}
      {replace.error !== null && refused === null ? <ErrorNotice error={replace.error} /> : null}
    </FormDialog>
  );
}

const choiceOf = (value: string): Choice => CHOICES.find((choice) => choice === value) ?? "keep";
