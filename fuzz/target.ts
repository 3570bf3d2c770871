import { readForeignJson } from "@indium/tunnel/foreign-json";
/** One parser of what comes over a wire, as the fuzzer sees it. */
export interface Target {
  readonly name: string;
  /** Honest inputs that are changed: bytes (or text) as they are, or a JSON value that is changed as a value and written out. */
  readonly seeds: readonly Seed[];
  /**
   * Parses one input and gives what came of it. It may use state of its own, but must not depend on the inputs before.
   * Given JSON, an input is always valid JSON text.
   */
  readonly run: (input: Buffer) => unknown;
  /** Whether this is an error that the parser says it throws. Without it nothing may be thrown. */
  readonly declared?: (thrown: unknown) => boolean;
  /** What is wrong with a value that came out; null when nothing is. */
  readonly check?: (value: unknown, input: Buffer) => string | null;
  /** Of the value's JSON, for one input byte; 64 KiB come on top. */
  readonly growth?: number;
  /** Of the usual count of inputs in `npm test`: below 1 for what costs more than most. */
  readonly share?: number;
}

export type Seed = { readonly bytes: Buffer | string } | { readonly json: unknown };

export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** Which input of that seed. */
  readonly at: number;
  readonly why: string;
}

/** An input that a parser was given as JSON, by a link or a request: both bound how deeply it is nested. */
export const parsed = (input: Buffer): unknown => readForeignJson(input.toString("utf8"));
