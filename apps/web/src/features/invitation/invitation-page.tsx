"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { PublicFrame } from "@/features/sign-in/public-frame";
import { signInWithPassword } from "@/features/sign-in/sign-in-with-password";
import { fieldErrorsOf, serverFieldErrors, useSchema } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { PasswordInput } from "@/ui/password-input";
import { Spinner } from "@/ui/spinner";

const loadSchema = () => import("./new-account").then((module) => module.NewAccount);
const FIELDS = ["name", "email", "password"] as const;

interface InvitationPageProps {
  token: string;
  /** Who this browser is signed in as. */
  signedIn: { name: string; email: string } | null;
}

export function InvitationPage({ token, signedIn }: InvitationPageProps) {
  const t = useTranslations("invitation");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const offer = useQuery(trpc.invitation.lookup.queryOptions({ token }));
  if (offer.error !== null) {
    return (
      <PublicFrame title={t("broken")}>
        <ErrorNotice error={offer.error} />
        <Button asChild className="mt-4">
          <Link href={paths.root()}>{common("goToIndium")}</Link>
        </Button>
      </PublicFrame>
    );
  }
  if (offer.data === undefined) {
    return (
      <div role="status" aria-label={t("lookingUp")} className="flex min-h-dvh items-center justify-center text-ink-3">
        <Spinner className="size-5" />
      </div>
    );
  }
  const { organizationName, role, email } = offer.data;
  return (
    <PublicFrame
      title={t("join", { organization: organizationName })}
      description={t.rich("invitedAs", {
        role: common(`roles.${role}`),
        strong: (chunks) => <strong className="font-semibold text-ink">{chunks}</strong>,
      })}
    >
      {signedIn === null ? <NewAccount token={token} email={email} /> : <AcceptAs token={token} user={signedIn} />}
    </PublicFrame>
  );
}

function AcceptAs({ token, user }: { token: string; user: { name: string; email: string } }) {
  const t = useTranslations("invitation");
  const trpc = useTRPC();
  const accept = useMutation({
    ...trpc.invitation.accept.mutationOptions(),
    onSuccess: ({ organizationId }) => window.location.assign(paths.organization(organizationId)),
  });
  return (
    <Card className="flex flex-col gap-4 p-5">
      <p className="text-ink-2">
        {t.rich("signedInAs", {
          name: user.name,
          email: user.email,
          who: (chunks) => <span className="font-medium text-ink">{chunks}</span>,
        })}
      </p>
      {accept.error === null ? null : <ErrorNotice error={accept.error} />}
      <Button variant="primary" size="lg" block loading={accept.isPending || accept.isSuccess} onClick={() => accept.mutate({ token })}>
        {t("accept")}
      </Button>
    </Card>
  );
}

function NewAccount({ token, email: invited }: { token: string; email: string | null }) {
  const t = useTranslations("invitation");
  const common = useTranslations("common");
  const say = useKnownWords();
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
  const fromServer = serverFieldErrors(accept.error, FIELDS, say);
  const errors = { ...(tried ? fieldErrorsOf(schema, values, say) : {}), ...fromServer };
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
    const faults = fieldErrorsOf(schema, values, say);
    const first = FIELDS.find((field) => faults[field] !== undefined);
    if (first !== undefined) (event.currentTarget.elements.namedItem(first) as HTMLElement | null)?.focus();
    else if (!accept.isPending) accept.mutate({ token, account: values });
  };
  const signInAddress = `${paths.signIn()}?next=${encodeURIComponent(paths.invite(token))}`;
  const hasAccount = accept.error !== null && wireErrorOf(accept.error).code === "already_exists";
  return (
    <>
      <Card className="p-5">
        <form method="post" noValidate className="flex flex-col gap-4" onSubmit={submit}>
          <Field label={common("name")} error={errors.name}>
            <Input autoComplete="name" autoFocus maxLength={100} {...set("name")} />
          </Field>
          <Field label={common("email")} error={errors.email} hint={invited === null ? undefined : t("forThisAddress")}>
            <Input type="email" autoComplete="username" spellCheck={false} maxLength={254} readOnly={invited !== null} {...set("email")} />
          </Field>
          <Field label={common("password")} error={errors.password} hint={common("passwordHint")}>
            <PasswordInput autoComplete="new-password" maxLength={200} {...set("password")} />
          </Field>
          {accept.error !== null && fromServer === null ? <ErrorNotice error={accept.error} /> : null}
          <Button type="submit" variant="primary" size="lg" block loading={accept.isPending || accept.isSuccess}>
            {t("createAndJoin")}
          </Button>
        </form>
      </Card>
      <p className="mt-4 text-[0.8125rem] text-ink-3">
        {hasAccount ? t("addressKnown") : t("knownAlready")}{" "}
        <a href={signInAddress} className="rounded font-medium text-accent-ink underline-offset-2 hover:underline">
          {t("signInToAccept")}
        </a>
      </p>
    </>
  );
}
