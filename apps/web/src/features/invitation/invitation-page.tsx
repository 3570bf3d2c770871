"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { PublicFrame } from "@/features/sign-in/public-frame";
import { signInWithPassword } from "@/features/sign-in/sign-in-with-password";
import { fieldErrorsOf, serverFieldErrors, useSchema } from "@/lib/form-errors";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input, PasswordInput } from "@/ui/input";
import { Spinner } from "@/ui/spinner";

const loadSchema = () => import("./new-account").then((module) => module.NewAccount);
const FIELDS = ["name", "email", "password"] as const;

interface InvitationPageProps {
  token: string;
  /** Who this browser is signed in as. */
  signedIn: { name: string; email: string } | null;
}

export function InvitationPage({ token, signedIn }: InvitationPageProps) {
  const trpc = useTRPC();
  const offer = useQuery(trpc.invitation.lookup.queryOptions({ token }));
  if (offer.error !== null) {
    return (
      <PublicFrame title="This invitation does not work">
        <ErrorNotice error={offer.error} />
        <Button asChild className="mt-4">
          <Link href={paths.root()}>Go to Indium</Link>
        </Button>
      </PublicFrame>
    );
  }
  if (offer.data === undefined) {
    return (
      <div role="status" aria-label="Looking up the invitation…" className="flex min-h-dvh items-center justify-center text-ink-3">
        <Spinner className="size-5" />
      </div>
    );
  }
  const { organizationName, role, email } = offer.data;
  return (
    <PublicFrame
      title={`Join ${organizationName}`}
      description={
        <>
          You are invited as <strong className="font-semibold text-ink">{role}</strong>.
        </>
      }
    >
      {signedIn === null ? <NewAccount token={token} email={email} /> : <AcceptAs token={token} user={signedIn} />}
    </PublicFrame>
  );
}

function AcceptAs({ token, user }: { token: string; user: { name: string; email: string } }) {
  const trpc = useTRPC();
  const accept = useMutation({
    ...trpc.invitation.accept.mutationOptions(),
    onSuccess: ({ organizationId }) => window.location.assign(paths.organization(organizationId)),
  });
  return (
    <Card className="flex flex-col gap-4 p-5">
      <p className="text-ink-2">
        You are signed in as <span className="font-medium text-ink">{user.name}</span> ({user.email}).
      </p>
      {accept.error === null ? null : <ErrorNotice error={accept.error} />}
      <Button variant="primary" size="lg" block loading={accept.isPending || accept.isSuccess} onClick={() => accept.mutate({ token })}>
        Accept invitation
      </Button>
    </Card>
  );
}

function NewAccount({ token, email: invited }: { token: string; email: string | null }) {
  const trpc = useTRPC();
  const [values, setValues] = useState({ name: "", email: invited ?? "", password: "" });
  const [tried, setTried] = useState(false);
  const schema = useSchema(loadSchema);
  const accept = useMutation({
    ...trpc.invitation.accept.mutationOptions(),
    onSuccess: async ({ organizationId, email }) => {
      const signedIn = await signInWithPassword(email, values.password);
      window.location.assign(signedIn === "signed-in" ? paths.organization(organizationId) : paths.signIn());
    },
  });
  const fromServer = serverFieldErrors(accept.error, FIELDS);
  const errors = { ...(tried ? fieldErrorsOf(schema, values) : {}), ...fromServer };
  const set = (field: keyof typeof values) => ({
    name: field,
    value: values[field],
    onChange: (event: { target: { value: string } }) => {
      if (accept.error !== null) accept.reset();
      setValues((before) => ({ ...before, [field]: event.target.value }));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const faults = fieldErrorsOf(schema, values);
    const first = FIELDS.find((field) => faults[field] !== undefined);
    if (first !== undefined) (event.currentTarget.elements.namedItem(first) as HTMLElement | null)?.focus();
    else if (!accept.isPending) accept.mutate({ token, account: values });
  };
  const signInAddress = `${paths.signIn()}?next=${encodeURIComponent(paths.invite(token))}`;
  const hasAccount = accept.error !== null && wireErrorOf(accept.error).code === "already_exists";
  return (
    <>
      <Card className="p-5">
        <form noValidate className="flex flex-col gap-4" onSubmit={submit}>
          <Field label="Name" error={errors.name}>
            <Input autoComplete="name" autoFocus maxLength={100} {...set("name")} />
          </Field>
          <Field label="E-mail" error={errors.email} hint={invited === null ? undefined : "The invitation is for this address."}>
            <Input type="email" autoComplete="username" spellCheck={false} maxLength={254} readOnly={invited !== null} {...set("email")} />
          </Field>
          <Field label="Password" error={errors.password} hint="At least 12 characters; a few words in a row do well.">
            <PasswordInput autoComplete="new-password" maxLength={200} {...set("password")} />
          </Field>
          {accept.error !== null && fromServer === null ? <ErrorNotice error={accept.error} /> : null}
          <Button type="submit" variant="primary" size="lg" block loading={accept.isPending || accept.isSuccess}>
            Create account and join
          </Button>
        </form>
      </Card>
      <p className="mt-4 text-[0.8125rem] text-ink-3">
        {hasAccount ? "This address has an account. " : "You have an account already? "}
        <a href={signInAddress} className="rounded font-medium text-accent-ink underline-offset-2 hover:underline">
          Sign in to accept
        </a>
      </p>
    </>
  );
}
