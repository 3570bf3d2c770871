import { paths } from "@/lib/path-builder";

/** Ends this browser's session and goes to the sign-in page. What does it is fetched then: nobody signs out twice. */
export async function signOut(): Promise<void> {
  const { signOut: end } = await import("next-auth/react");
  await end({ callbackUrl: paths.signIn() });
}
