"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { PublicFrame } from "@/features/sign-in/public-frame";
import { signInWithPassword } from "@/features/sign-in/sign-in-with-password";
import { fieldErrorsOf, serverFieldErrors, useSchema } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { PasswordInput } from "@/ui/password-input";
import { Spinner } from "@/ui/spinner";

const FIELDS = ["name", "email", "password", "organizationName", "siteName"] as const;
const loadSchema = () => import("@indium/contract/api/organization-views").then((module) => module.SetupInput);
type Values = Record<(typeof FIELDS)[number], string>;

/** The first page of an installation: one account, its organization and its first site. `token`: from the one-time link. */
export function SetupPage({ token }: { token: string | null }) {
  const t = useTranslations("setup");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const check = useQuery({ ...trpc.setup.check.queryOptions({ token: token ?? "" }), enabled: token !== null });
  if (token === null) {
    return (
      <Refused title={t("noLink.title")}>
        <Alert tone="info" title={t("noLink.waiting")}>
          {t.rich("noLink.how", { command: (chunks) => <code className="font-mono text-[0.8125rem]">{chunks}</code> })}
        </Alert>
      </Refused>
    );
  }
  if (check.error !== null) {
    const used = wireErrorOf(check.error).code === "token_used";
    return (
      <Refused title={used ? t("used") : t("broken")}>
        <ErrorNotice error={check.error} />
        {used ? (
          <Button asChild variant="primary" className="mt-4">
            <Link href={paths.signIn()}>{common("signIn")}</Link>
          </Button>
        ) : null}
      </Refused>
    );
  }
  if (check.data === undefined) {
    return (
      <div role="status" aria-label={t("checking")} className="flex min-h-dvh items-center justify-center text-ink-3">
        <Spinner className="size-5" />
      </div>
    );
  }
  return <SetupForm token={token} />;
}

function Refused({ title, children }: { title: string; children: ReactNode }) {
  return <PublicFrame title={title}>{children}</PublicFrame>;
}

function SetupForm({ token }: { token: string }) {
  const t = useTranslations("setup");
  const common = useTranslations("common");
  const say = useKnownWords();
  const trpc = useTRPC();
  const [values, setValues] = useState<Values>({ name: "", email: "", password: "", organizationName: "", siteName: common("mainSite") });
  const [tried, setTried] = useState(false);
  const schema = useSchema(loadSchema);
  const [leaving, setLeaving] = useState(false);
  const complete = useMutation({
    ...trpc.setup.complete.mutationOptions(),
    onSuccess: async ({ organizationId, email }) => {
      setLeaving(true);
      const signedIn = await signInWithPassword(email, values.password);
      window.location.assign(signedIn === "signed-in" ? paths.organization(organizationId) : paths.signIn());
    },
  });
  const fromServer = serverFieldErrors(complete.error, FIELDS, say);
  const errors = { ...(tried ? fieldErrorsOf(schema, { token, ...values }, say) : {}), ...fromServer };
  const set = (field: keyof Values) => ({
    value: values[field],
    onChange: (event: { target: { value: string } }) => {
      if (complete.error !== null) complete.reset();
      setValues((before) => ({ ...before, [field]: event.target.value }));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const faults = fieldErrorsOf(schema, { token, ...values }, say);
    const first = FIELDS.find((field) => faults[field] !== undefined);
    if (first !== undefined) {
      (event.currentTarget.elements.namedItem(first) as HTMLElement | null)?.focus();
      return;
    }
    if (!complete.isPending && !leaving) complete.mutate({ token, ...values });
  };
  return (
    <PublicFrame wide title={t("title")} description={t("description")}>
      <form method="post" noValidate onSubmit={submit}>
        <Card className="divide-y divide-line">
          <Group title={t("you.title")} description={t("you.description")}>
            <Field label={common("name")} error={errors.name}>
              <Input name="name" autoComplete="name" autoFocus maxLength={100} {...set("name")} />
            </Field>
            <Field label={common("email")} error={errors.email}>
              <Input name="email" type="email" autoComplete="username" spellCheck={false} maxLength={254} {...set("email")} />
            </Field>
            <Field label={common("password")} error={errors.password} hint={common("passwordHint")}>
              <PasswordInput name="password" autoComplete="new-password" maxLength={200} {...set("password")} />
            </Field>
          </Group>
          <Group title={t("organization.title")} description={t("organization.description")}>
            <Field label={t("organization.name")} error={errors.organizationName}>
              <Input name="organizationName" autoComplete="organization" maxLength={100} {...set("organizationName")} />
            </Field>
          </Group>
          <Group title={t("site.title")} description={t("site.description")}>
            <Field label={t("site.name")} error={errors.siteName}>
              <Input name="siteName" maxLength={100} {...set("siteName")} />
            </Field>
          </Group>
        </Card>
        {complete.error !== null && fromServer === null ? <ErrorNotice error={complete.error} className="mt-4" /> : null}
        <Button type="submit" variant="primary" size="lg" block className="mt-5" loading={complete.isPending || leaving}>
          {t("submit")}
        </Button>
      </form>
    </PublicFrame>
  );
}

function Group({ title, description, children }: { title: string; description: string; children: ReactNode }) {
  return (
    <fieldset className="flex flex-col gap-4 p-5">
      <legend className="sr-only">{title}</legend>
      <div aria-hidden>
        <p className="font-semibold text-ink">{title}</p>
        <p className="text-[0.8125rem] text-ink-3">{description}</p>
      </div>
      {children}
    </fieldset>
  );
}
