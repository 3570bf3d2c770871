import { basename, dirname } from "node:path";

/**
 * A disk whose power can be cut after any step, and what may then be found on it.
 *
 * It keeps no more than POSIX promises. A file's content is safe once the file was synced: before, all of it, half of it or nothing of it
 * may be there. A name (made, replaced, removed) is safe once its folder was synced; names change on disk in the order they were
 * changed in, and any number of the last changes may be missing.
 */
interface File {
  readonly kind: "file";
  content: Buffer;
  synced: Buffer;
}
interface Folder {
  readonly kind: "folder";
  now: Map<string, Node>;
  synced: Map<string, Node>;
  /** Changes since the last sync, each one whole. */
  pending: (readonly (readonly [name: string, node: Node | null])[])[];
}
type Node = File | Folder;

export class PowerCut extends Error {
  constructor() {
    super("the power is cut");
  }
}

const folder = (): Folder => ({ kind: "folder", now: new Map(), synced: new Map(), pending: [] });
const errno = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });
const KEPT = ["nothing", "half", "all"] as const;

export class CrashDisk {
  readonly #root: Folder;
  /** Steps that are still carried out. */
  #left = Number.POSITIVE_INFINITY;
  steps = 0;
  #nextFd = 100;
  readonly #open = new Map<number, { node: Node; path: string }>();

  constructor(root: Folder = folder()) {
    this.#root = root;
  }

  /** The power fails after so many more steps. */
  cutAfter(steps: number): void {
    this.#left = steps;
  }

  get isCut(): boolean {
    return this.#left < 0;
  }

  /** Every disk that may be found after the cut. */
  *afterwards(): Generator<CrashDisk> {
    const unsynced = foldersOf(this.#root).map(({ pending }) => pending.length);
    const many = unsynced.reduce((product, count) => product * (count + 1), 1) > 200;
    for (const counts of many ? [unsynced, unsynced.map(() => 0)] : combinations(unsynced))
      for (const kept of KEPT) yield new CrashDisk(survivor(this.#root, [...counts], kept));
  }

  #step(): void {
    if (this.#left <= 0) {
      this.#left = -1;
      throw new PowerCut();
    }
    this.#left -= 1;
    this.steps += 1;
  }

  #folder(path: string): Folder {
    const node = this.#find(path);
    if (node?.kind !== "folder") throw errno(node === null ? "ENOENT" : "ENOTDIR", path);
    return node;
  }

  #find(path: string): Node | null {
    let node: Node = this.#root;
    for (const part of path.split("/").filter((one) => one !== "")) {
      const next: Node | undefined = node.kind === "folder" ? node.now.get(part) : undefined;
      if (next === undefined) return null;
      node = next;
    }
    return node;
  }

  #change(path: string, changes: readonly (readonly [string, Node | null])[]): void {
    const parent = this.#folder(dirname(path));
    this.#step();
    for (const [name, node] of changes) apply(parent.now, name, node);
    parent.pending.push(changes);
  }

  #sync(node: Node): void {
    this.#step();
    if (node.kind === "file") node.synced = Buffer.from(node.content);
    else {
      node.synced = new Map(node.now);
      node.pending = [];
    }
  }

  open(path: string, flags = "r"): number {
    let node = this.#find(path);
    if (flags === "r" && node === null) throw errno("ENOENT", path);
    if (flags === "wx" && node !== null) throw errno("EEXIST", path);
    if (node === null) {
      node = { kind: "file", content: Buffer.alloc(0), synced: Buffer.alloc(0) };
      this.#change(path, [[basename(path), node]]);
    } else if (flags === "w" && node.kind === "file") {
      this.#step();
      node.content = Buffer.alloc(0);
    }
    this.#open.set(this.#nextFd, { node, path });
    return this.#nextFd++;
  }

  append(fd: number, data: string | Uint8Array): number {
    const node = this.#opened(fd);
    if (node.kind !== "file") throw errno("EISDIR", "");
    this.#step();
    node.content = Buffer.concat([node.content, Buffer.from(data as string)]);
    return Buffer.byteLength(data as string);
  }

  sync(fd: number): void {
    this.#sync(this.#opened(fd));
  }

  close(fd: number): void {
    this.#open.delete(fd);
  }

  #opened(fd: number): Node {
    const found = this.#open.get(fd);
    if (found === undefined) throw errno("EBADF", String(fd));
    return found.node;
  }

  read(path: string): Buffer {
    if (this.isCut) throw new PowerCut();
    const node = this.#find(path);
    if (node?.kind !== "file") throw errno(node === null ? "ENOENT" : "EISDIR", path);
    return Buffer.from(node.content);
  }

  list(path: string): string[] {
    return [...this.#folder(path).now.keys()];
  }

  rename(from: string, to: string): void {
    if (dirname(from) !== dirname(to)) throw new Error("between folders a rename is two changes, and not what this disk is for");
    const node = this.#find(from);
    if (node === null) throw errno("ENOENT", from);
    this.#change(from, [
      [basename(from), null],
      [basename(to), node],
    ]);
  }

  link(from: string, to: string): void {
    const node = this.#find(from);
    if (node === null) throw errno("ENOENT", from);
    if (this.#find(to) !== null) throw errno("EEXIST", to);
    this.#change(to, [[basename(to), node]]);
  }

  unlink(path: string): void {
    if (this.#find(path) === null) throw errno("ENOENT", path);
    this.#change(path, [[basename(path), null]]);
  }

  /** @returns the outermost folder that was made, as mkdir does. */
  makeFolders(path: string): string | undefined {
    if (this.#find(path) !== null) return undefined;
    const outer = this.makeFolders(dirname(path));
    this.#change(path, [[basename(path), folder()]]);
    return outer ?? path;
  }
}

function apply(names: Map<string, Node>, name: string, node: Node | null): void {
  if (node === null) names.delete(name);
  else names.set(name, node);
}

function foldersOf(node: Node): Folder[] {
  if (node.kind === "file") return [];
  // What either the old or the new names lead to.
  const below = new Set([...node.synced.values(), ...node.now.values()]);
  return [node, ...[...below].flatMap(foldersOf)];
}

function* combinations(counts: readonly number[]): Generator<number[]> {
  const [first, ...rest] = counts;
  if (first === undefined) return yield [];
  for (const tail of combinations(rest)) for (let count = 0; count <= first; count++) yield [count, ...tail];
}

/** `counts`: for each folder, in `foldersOf` order, how many of its pending changes made it to the disk. */
function survivor(root: Folder, counts: number[], kept: (typeof KEPT)[number]): Folder {
  const numbers = new Map(foldersOf(root).map((one, index) => [one, counts[index] ?? 0]));
  const copies = new Map<Node, Node>();
  const copy = (node: Node): Node => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    if (node.kind === "file") {
      const content = contentAfter(node, kept);
      const file: File = { kind: "file", content, synced: Buffer.from(content) };
      copies.set(node, file);
      return file;
    }
    const made = folder();
    copies.set(node, made);
    const names = new Map(node.synced);
    for (const changes of node.pending.slice(0, numbers.get(node))) for (const [name, child] of changes) apply(names, name, child);
    for (const [name, child] of names) made.now.set(name, copy(child));
    made.synced = new Map(made.now);
    return made;
  };
  return copy(root) as Folder;
}

function contentAfter(file: File, kept: (typeof KEPT)[number]): Buffer {
  if (file.content.equals(file.synced) || kept === "nothing") return Buffer.from(file.synced);
  if (kept === "all") return Buffer.from(file.content);
  const from = file.content.subarray(0, file.synced.length).equals(file.synced) ? file.synced.length : 0;
  return Buffer.from(file.content.subarray(0, from + Math.ceil((file.content.length - from) / 2)));
}
