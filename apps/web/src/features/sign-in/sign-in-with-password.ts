"use client";

export type SignInResult = "signed-in" | "wrong" | "rate-limited" | "unavailable";

/** Signs this browser in; the session's cookie is set when it answers `signed-in`. */
export async function signInWithPassword(email: string, password: string): Promise<SignInResult> {
  try {
    // With the first sign-in: a page that only shows the form needs none of it.
    const { signIn } = await import("next-auth/react");
    const result = await signIn("credentials", { email, password, redirect: false });
    if (result?.ok === true && !result.error) return "signed-in";
    if (result?.error === "rate_limited") return "rate-limited";
    return result?.error === "CredentialsSignin" ? "wrong" : "unavailable";
  } catch {
    return "unavailable";
  }
}
