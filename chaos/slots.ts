import type { ApiClient } from "../e2e/api-client";
import type { Verb, Wish } from "./plan";

/**
 * What the campaign asked for, as a user who writes down every answer. A request whose answer was lost (the dashboard was killed while it
 * was made) may or may not have been carried out: both are right, and are told apart by looking afterwards.
 */
export interface Slot {
  readonly number: number;
  /** What was asked for under this key last; a lost answer is asked for again with the same one. */
  requestKey: string | null;
  instanceId: string | null;
  /** Wishes of which any may be the last that counts; one element when every answer came. */
  wishes: ReadonlySet<Desired>;
  /** A request since the last peace that ends the VM's process when carried out. */
  disturbed: boolean;
  /** The VM's life, and what its guest said of its uptime, at the last peace; null when none ran. */
  life: string | null;
  uptime: number | null;
}

export type Desired = "running" | "stopped" | "paused" | "gone";

export const newSlot = (number: number): Slot => ({
  number,
  requestKey: null,
  instanceId: null,
  wishes: new Set(["gone"]),
  disturbed: false,
  life: null,
  uptime: null,
});

const AFTER: Record<Exclude<Verb, "create">, Desired> = {
  delete: "gone",
  start: "running",
  stop: "stopped",
  forceStop: "stopped",
  reboot: "running",
  reset: "running",
  pause: "paused",
  resume: "running",
  resize: "stopped",
  rebuild: "running",
};
/** What each resize adds to the disk. */
const GROWTH_BYTES = 64 * 1024 ** 2;

export interface Asked {
  readonly slot: number;
  readonly verb: Verb;
  readonly outcome: "done" | "refused" | "lost";
  readonly words: string;
}

export interface Catalogue {
  readonly organizationId: `org-${string}`;
  readonly imageId: `img-${string}`;
  readonly sizeIds: readonly `size-${string}`[];
  readonly userData: string | null;
}

/** Carries out one wish. @returns null when none of its verbs fits what the slot holds. */
export async function ask(api: ApiClient, catalogue: Catalogue, slot: Slot, wish: Wish, seed: number): Promise<Asked | null> {
  const empty = slot.instanceId === null || (slot.wishes.size === 1 && slot.wishes.has("gone"));
  const verb = wish.verbs.find((candidate) => (candidate === "create") === empty);
  if (verb === undefined) return null;
  try {
    if (verb === "create") await create(api, catalogue, slot, seed);
    else await act(api, slot, verb);
    return { slot: slot.number, verb, outcome: "done", words: "" };
  } catch (error) {
    const words = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { slot: slot.number, verb, outcome: wasRefused(error) ? "refused" : "lost", words };
  }
}

let made = 0;

async function create(api: ApiClient, { organizationId, imageId, sizeIds, userData }: Catalogue, slot: Slot, seed: number): Promise<void> {
  if (slot.requestKey === null || slot.instanceId !== null) slot.requestKey = `chaos-${seed}-${made++}`;
  slot.instanceId = null;
  slot.life = null;
  slot.uptime = null;
  slot.wishes = new Set(["gone", "running"]);
  const sizeId = sizeIds[slot.number % sizeIds.length] ?? "size-";
  const name = slot.requestKey;
  const { instanceId } = await api.instance.create.mutate({ organizationId, name, imageId, sizeId, userData, requestKey: name });
  slot.instanceId = instanceId;
  slot.wishes = new Set(["running"]);
}

async function act(api: ApiClient, slot: Slot, verb: Exclude<Verb, "create">): Promise<void> {
  const instanceId = slot.instanceId as `i-${string}`;
  const before = slot.wishes;
  const wasDisturbed = slot.disturbed;
  slot.wishes = new Set([...before, AFTER[verb]]);
  if (verb !== "pause" && verb !== "resume") slot.disturbed = true;
  try {
    if (verb === "resize") {
      const { diskBytes } = await api.instance.get.query({ instanceId });
      await api.instance.resize.mutate({ instanceId, diskBytes: diskBytes + GROWTH_BYTES });
    } else await api.instance[verb].mutate({ instanceId });
  } catch (error) {
    if (wasRefused(error)) {
      slot.wishes = before;
      slot.disturbed = wasDisturbed;
    }
    throw error;
  }
  slot.wishes = new Set([AFTER[verb]]);
}

/** An answer that says no, as opposed to no answer, or one of a system in trouble. */
export function wasRefused(error: unknown): boolean {
  const data = error instanceof Error && "data" in error ? (error.data as { httpStatus?: number } | null | undefined) : undefined;
  const status = data?.httpStatus;
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
