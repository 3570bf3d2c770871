import { parseArgs } from "node:util";
import { z } from "zod";
import { TlsPin } from "../link/tls-pin";

/** What the command line says. Tokens may come by the environment or a file instead: arguments show in the process list. */
export interface AgentArguments {
  readonly command: "run" | "enrol" | "doctor" | "version" | "help";
  readonly url: string | null;
  readonly tokens: readonly string[];
  readonly tokenFile: string | null;
  readonly pin: TlsPin | null;
  readonly centreKey: string | null;
  readonly count: number;
  readonly stateDir: string | null;
  readonly json: boolean;
}

const Url = z.url({ protocol: /^https?$/ });

/** @throws Error with a sentence for the person at the keyboard. */
export function parseAgentArguments(argv: readonly string[], defaultCommand: AgentArguments["command"]): AgentArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      url: { type: "string" },
      token: { type: "string", multiple: true },
      "token-file": { type: "string" },
      pin: { type: "string" },
      "centre-key": { type: "string" },
      count: { type: "string" },
      "state-dir": { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
      version: { type: "boolean" },
    },
  });
  const [word, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`"${rest[0]}" is one word too many.`);
  const named = z.enum(["run", "enrol", "doctor", "version", "help"]).safeParse(word ?? defaultCommand);
  if (!named.success) throw new Error(`There is no command "${word}". Use run, enrol, doctor or version.`);
  const url = values.url === undefined ? null : Url.safeParse(values.url);
  if (url !== null && !url.success)
    throw new Error("--url must be the address of Indium's dashboard, such as https://indium.example:7780.");
  // With or without its prefix, as curl and the pin's own file have it.
  const pin = values.pin === undefined ? null : TlsPin.safeParse(values.pin.replace(/^(?:sha256\/\/)?/, "sha256//"));
  if (pin !== null && !pin.success) throw new Error("--pin must be sha256// and 44 characters of base64, as in the copied command.");
  const count = Number(values.count ?? "1");
  if (!Number.isInteger(count) || count < 1 || count > 100) throw new Error("--count must be a number from 1 to 100.");
  return {
    command: values.help === true ? "help" : values.version === true ? "version" : named.data,
    url: url?.data ?? null,
    tokens: values.token ?? [],
    tokenFile: values["token-file"] ?? null,
    pin: pin?.data ?? null,
    centreKey: values["centre-key"] ?? null,
    count,
    stateDir: values["state-dir"] ?? null,
    json: values.json === true,
  };
}
