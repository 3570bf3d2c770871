"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { PasswordInput } from "@/ui/password-input";
import { PublicFrame } from "./public-frame";
import { type SignInResult, signInWithPassword } from "./sign-in-with-password";

export function SignInPage({ next }: { next: string }) {
  const t = useTranslations("signIn");
  const common = useTranslations("common");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<SignInResult | null>(null);
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const gaps = {
      ...(email.trim() === "" ? { email: t("giveEmail") } : {}),
      ...(password === "" ? { password: t("givePassword") } : {}),
    };
    setMissing(gaps);
    if (busy || Object.keys(gaps).length > 0) return;
    setBusy(true);
    setResult(null);
    const answer = await signInWithPassword(email, password);
    // A whole new page: nothing of an earlier session stays in memory.
    if (answer === "signed-in") window.location.assign(next);
    else {
      setResult(answer);
      setBusy(false);
    }
  };

  return (
    <PublicFrame title={t("title")}>
      <Card className="p-5">
        <form method="post" noValidate className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
          {result !== null && result !== "signed-in" ? <Alert tone="bad">{t(`results.${result}`)}</Alert> : null}
          <Field label={common("email")} error={missing.email}>
            <Input
              type="email"
              name="email"
              autoComplete="username"
              autoFocus
              spellCheck={false}
              maxLength={254}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
          <Field label={common("password")} error={missing.password}>
            <PasswordInput name="password" maxLength={200} value={password} onChange={(event) => setPassword(event.target.value)} />
          </Field>
          <Button type="submit" variant="primary" size="lg" block loading={busy}>
            {t("title")}
          </Button>
        </form>
      </Card>
      <p className="mt-4 text-[0.8125rem] text-ink-3">{t("noAccount")}</p>
    </PublicFrame>
  );
}
