import type { Browser } from "@playwright/test";
import { type ApiClient, anonymousClient, signIn } from "./api-client";
import { BASE_URL, OWNER } from "./helpers";

/** The owner; sets Indium up when no journey before did, for a run of one file alone. */
export async function ownerClient(): Promise<ApiClient> {
  return signIn(BASE_URL, OWNER.email, OWNER.password).catch(async () => {
    await anonymousClient(BASE_URL).setup.complete.mutate({
      token: new URL(process.env.E2E_SETUP_URL ?? "").searchParams.get("token") ?? "",
      ...OWNER,
      organizationName: "Acme",
      siteName: "Home",
    });
    return signIn(BASE_URL, OWNER.email, OWNER.password);
  });
}

/** Signs the owner in by the page and keeps the session in a file, for `storageState`. */
export async function keepOwnerSession(browser: Browser, file: string): Promise<void> {
  const page = await (await browser.newContext({ baseURL: BASE_URL, storageState: { cookies: [], origins: [] } })).newPage();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/o\/org-/);
  await page.context().storageState({ path: file });
  await page.context().close();
}
