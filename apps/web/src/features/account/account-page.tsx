"use client";

import { INPUT_WORDS } from "@indium/contract/plain/input-words";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useSession } from "@/features/shell/organization-context";
import { signInWithPassword } from "@/features/sign-in/sign-in-with-password";
import { type FieldErrors, fieldErrorsOf, serverFieldErrors, useSchema } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { PasswordInput } from "@/ui/password-input";
import { useToast } from "@/ui/toast";

export function AccountPage() {
  return (
    <div className="flex flex-col gap-6">
      <Profile />
      <Password />
    </div>
  );
}

function Profile() {
  const t = useTranslations("account");
  const common = useTranslations("common");
  const say = useKnownWords();
  const { user } = useSession();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState(user.name);
  const update = useMutation({
    ...trpc.account.update.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      toast.show({ tone: "good", title: common("saved") });
    },
  });
  return (
    <Section title={t("you")}>
      <form
        method="post"
        className="flex max-w-md flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "" && name.trim() !== user.name) update.mutate({ name: name.trim() });
        }}
      >
        <Field
          label={common("name")}
          error={update.error === null ? (name.trim() === "" ? say(INPUT_WORDS.yourName) : null) : say(wireErrorOf(update.error).message)}
        >
          <Input autoComplete="name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={common("email")} hint={t("emailHint")}>
          <Input type="email" readOnly value={user.email} />
        </Field>
        <div>
          <Button type="submit" loading={update.isPending} disabledReason={name.trim() === user.name ? common("nameIsTheSame") : null}>
            {common("save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

const FIELDS = ["currentPassword", "newPassword", "again"] as const;
const loadSchema = () => import("./password-change").then((module) => module.PasswordChange);

function Password() {
  const t = useTranslations("account.password");
  const common = useTranslations("common");
  const say = useKnownWords();
  const { user } = useSession();
  const trpc = useTRPC();
  const toast = useToast();
  const empty = { currentPassword: "", newPassword: "", again: "" };
  const [values, setValues] = useState(empty);
  const [tried, setTried] = useState(false);
  const schema = useSchema(loadSchema);
  const change = useMutation({
    ...trpc.account.changePassword.mutationOptions(),
    onSuccess: async () => {
      // Every session ended, this one too.
      const signedIn = await signInWithPassword(user.email, values.newPassword);
      if (signedIn !== "signed-in") {
        window.location.assign(paths.signIn());
        return;
      }
      setValues(empty);
      setTried(false);
      toast.show({ tone: "good", title: t("changed"), description: t("elsewhere") });
    },
  });
  const fromServer = serverFieldErrors(change.error, FIELDS, say);
  const faults: FieldErrors = {
    ...(values.again === values.newPassword ? {} : { again: t("differ") }),
    ...fieldErrorsOf(schema, values, say),
  };
  const errors = { ...(tried ? faults : {}), ...fromServer };
  const set = (field: keyof typeof values) => ({
    name: field,
    value: values[field],
    onChange: (event: { target: { value: string } }) => {
      if (change.error !== null) change.reset();
      setValues((before) => ({ ...before, [field]: event.target.value }));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const first = FIELDS.find((field) => faults[field] !== undefined);
    if (first !== undefined) (event.currentTarget.elements.namedItem(first) as HTMLElement | null)?.focus();
    else if (!change.isPending) change.mutate({ currentPassword: values.currentPassword, newPassword: values.newPassword });
  };
  return (
    <Section title={common("password")} description={t("description")}>
      <form method="post" noValidate className="flex max-w-md flex-col gap-4" onSubmit={submit}>
        {/* Password managers look for the account's name in the same form. */}
        <input type="email" autoComplete="username" value={user.email} readOnly hidden />
        <Field label={t("current")} error={errors.currentPassword}>
          <PasswordInput maxLength={200} {...set("currentPassword")} />
        </Field>
        <Field label={t("next")} error={errors.newPassword} hint={common("passwordHint")}>
          <PasswordInput autoComplete="new-password" maxLength={200} {...set("newPassword")} />
        </Field>
        <Field label={t("again")} error={errors.again}>
          <PasswordInput autoComplete="new-password" maxLength={200} {...set("again")} />
        </Field>
        {change.error !== null && fromServer === null ? <ErrorNotice error={change.error} /> : null}
        <div>
          <Button type="submit" variant="primary" loading={change.isPending}>
            {t("change")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
