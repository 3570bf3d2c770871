import { AppError } from "@indium/contract/errors";

/** Demonstration data has a known password, or is none of anybody's. @throws AppError `forbidden` where others could reach it. */
export function refuseBeyondThisMachine(publicUrl: string): void {
  const { hostname } = new URL(publicUrl);
  if (hostname !== "localhost" && hostname !== "127.0.0.1" && hostname !== "[::1]")
    throw new AppError(
      "forbidden",
      "Demonstration data has a known password: it is made only where the public URL is this machine itself.",
    );
}
