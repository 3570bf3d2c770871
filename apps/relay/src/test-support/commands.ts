import { createInterface } from "node:readline";

export type Command = (input: Record<string, unknown>) => Promise<unknown>;

/** A child's end: one JSON line asks, one answers. */
export function answerCommands(commands: Record<string, Command>): void {
  const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
  createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, command, input } = JSON.parse(line) as { id: number; command: string; input: Record<string, unknown> };
    const act = commands[command];
    Promise.resolve(act === undefined ? Promise.reject(new Error(`no command ${command}`)) : act(input)).then(
      (result) => {
        say({ id, ok: true, result });
        if (command === "close") process.exit(0);
      },
      (thrown: unknown) =>
        say({ id, ok: false, error: thrown instanceof Error ? `${thrown.message} ${JSON.stringify(thrown)}` : String(thrown) }),
    );
  });
}
