import type { Mode } from "./plan";

export interface ChaosArguments {
  readonly seed: number;
  readonly kills: number;
  readonly mode: Mode;
}

export const USAGE = "npm run chaos -- [--real | --simulated] [--seed N] [--kills N]";

/** @throws with the usage. Real hosts unless told otherwise, or where this machine cannot have them. */
export function readArguments(args: readonly string[], fallback: Mode = "real"): ChaosArguments {
  const number = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    if (at === -1) return otherwise;
    const value = Number(args[at + 1]);
    if (!Number.isInteger(value) || value < 0) throw new Error(`${name} wants a number. ${USAGE}`);
    return value;
  };
  const mode = args.includes("--simulated") ? "simulated" : args.includes("--real") ? "real" : fallback;
  return { seed: number("--seed", 1), kills: number("--kills", mode === "real" ? 100 : 1_000), mode };
}
