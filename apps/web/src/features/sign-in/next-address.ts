import { paths } from "@/lib/path-builder";

/**
 * Where to go after signing in: an address of ours, or the front door. Anything that a browser would read as another origin
 * (`//host`, `/\host`, a scheme) is not one of ours.
 */
export function nextAddress(given: string | null | undefined): string {
  if (given === null || given === undefined || !/^\/(?![/\\])[^\\\s]*$/.test(given)) return paths.root();
  return given;
}
