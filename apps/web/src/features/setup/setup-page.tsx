"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, type ReactNode, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { PublicFrame } from "@/features/sign-in/public-frame";
import { signInWithPassword } from "@/features/sign-in/sign-in-with-password";
import { fieldErrorsOf, serverFieldErrors, useSchema } from "@/lib/form-errors";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input, PasswordInput } from "@/ui/input";
import { Spinner } from "@/ui/spinner";

const FIELDS = ["name", "email", "password", "organizationName", "siteName"] as const;
const loadSchema = () => import("@indium/contract/api/organization-views").then((module) => module.SetupInput);
type Values = Record<(typeof FIELDS)[number], string>;

/** The first page of an installation: one account, its organization and its first site. `token`: from the one-time link. */
export function SetupPage({ token }: { token: string | null }) {
  const trpc = useTRPC();
  const check = useQuery({ ...trpc.setup.check.queryOptions({ token: token ?? "" }), enabled: token !== null });
  if (token === null) {
    return (
      <Refused title="Open the set-up link">
        <Alert tone="info" title="This Indium is waiting to be set up">
          Open the one-time link that <code className="font-mono text-[0.8125rem]">npm start</code> printed. Started again, it prints a new
          one.
        </Alert>
      </Refused>
    );
  }
  if (check.error !== null) {
    const used = wireErrorOf(check.error).code === "token_used";
    return (
      <Refused title={used ? "Already set up" : "This link does not work"}>
        <ErrorNotice error={check.error} />
        {used ? (
          <Button asChild variant="primary" className="mt-4">
            <Link href={paths.signIn()}>Sign in</Link>
          </Button>
        ) : null}
      </Refused>
    );
  }
  if (check.data === undefined) {
    return (
      <div role="status" aria-label="Checking the link…" className="flex min-h-dvh items-center justify-center text-ink-3">
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
  const trpc = useTRPC();
  const [values, setValues] = useState<Values>({ name: "", email: "", password: "", organizationName: "", siteName: "Main site" });
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
  const fromServer = serverFieldErrors(complete.error, FIELDS);
  const errors = { ...(tried ? fieldErrorsOf(schema, { token, ...values }) : {}), ...fromServer };
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
    const faults = fieldErrorsOf(schema, { token, ...values });
    const first = FIELDS.find((field) => faults[field] !== undefined);
    if (first !== undefined) {
      (event.currentTarget.elements.namedItem(first) as HTMLElement | null)?.focus();
      return;
    }
    if (!complete.isPending && !leaving) complete.mutate({ token, ...values });
  };
  return (
    <PublicFrame wide title="Set up Indium" description="Three things, and your own cloud is running. All of it can be changed later.">
      <form noValidate onSubmit={submit}>
        <Card className="divide-y divide-line">
          <Group title="You" description="The first account. It administers this installation.">
            <Field label="Name" error={errors.name}>
              <Input name="name" autoComplete="name" autoFocus maxLength={100} {...set("name")} />
            </Field>
            <Field label="E-mail" error={errors.email}>
              <Input name="email" type="email" autoComplete="username" spellCheck={false} maxLength={254} {...set("email")} />
            </Field>
            <Field label="Password" error={errors.password} hint="At least 12 characters; a few words in a row do well.">
              <PasswordInput name="password" autoComplete="new-password" maxLength={200} {...set("password")} />
            </Field>
          </Group>
          <Group title="Your organization" description="Who the machines belong to. People are invited into it.">
            <Field label="Organization name" error={errors.organizationName}>
              <Input name="organizationName" autoComplete="organization" maxLength={100} {...set("organizationName")} />
            </Field>
          </Group>
          <Group title="The first site" description="A place where hosts stand: an office, a cellar, a data centre.">
            <Field label="Site name" error={errors.siteName}>
              <Input name="siteName" maxLength={100} {...set("siteName")} />
            </Field>
          </Group>
        </Card>
        {complete.error !== null && fromServer === null ? <ErrorNotice error={complete.error} className="mt-4" /> : null}
        <Button type="submit" variant="primary" size="lg" block className="mt-5" loading={complete.isPending || leaving}>
          Set up
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
