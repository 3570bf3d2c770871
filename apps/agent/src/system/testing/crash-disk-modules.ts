import type { CrashDisk } from "./crash-disk";

/**
 * What of `node:fs` and `node:fs/promises` the agent's durable files use, on a crash disk: for `vi.mock`. Anything else is missing, so that a
 * new call shows itself instead of writing to the real disk.
 */
export function crashDiskModules(current: () => CrashDisk) {
  type Data = string | Uint8Array;
  const handle = (fd: number) => ({
    writeFile: async (data: Data) => void current().append(fd, data),
    sync: async () => current().sync(fd),
    close: async () => current().close(fd),
  });
  const read = (path: string, encoding?: string) => (encoding === undefined ? current().read(path) : current().read(path).toString("utf8"));
  const write = (path: string, data: Data, options?: { flush?: boolean }) => {
    const fd = current().open(path, "w");
    current().append(fd, data);
    if (options?.flush === true) current().sync(fd);
    current().close(fd);
  };
  return {
    promises: {
      open: async (path: string, flags?: string) => handle(current().open(path, flags)),
      readFile: async (path: string, encoding?: string) => read(path, encoding),
      readdir: async (path: string) => current().list(path),
      mkdir: async (path: string) => current().makeFolders(path),
      rename: async (from: string, to: string) => current().rename(from, to),
      link: async (from: string, to: string) => current().link(from, to),
      unlink: async (path: string) => current().unlink(path),
      rm: async (path: string) => current().unlink(path),
      chmod: async () => {},
      writeFile: async (path: string, data: Data, options?: { flush?: boolean }) => write(path, data, options),
    },
    sync: {
      openSync: (path: string, flags?: string) => current().open(path, flags),
      closeSync: (fd: number) => current().close(fd),
      fsyncSync: (fd: number) => current().sync(fd),
      fdatasync: (fd: number, done: (error: Error | null) => void) => {
        try {
          current().sync(fd);
          done(null);
        } catch (error) {
          done(error as Error);
        }
      },
      writeSync: (fd: number, data: Data) => current().append(fd, data),
      writeFileSync: write,
      readFileSync: read,
      renameSync: (from: string, to: string) => current().rename(from, to),
    },
  };
}
