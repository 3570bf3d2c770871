import { toAppError } from "@indium/contract/errors";
import type { DesiredImage } from "@indium/contract/image";
import type { ImageObservation, ReportBody } from "@indium/contract/report";
import type { CachedImage, ImageStore } from "../storage/types";
import type { Clock } from "../system/clock";

const PROGRESS_INTERVAL_MS = 500;

/** The image cache, with what the centre is told of it: every use reports what became of the copy. */
export class ReportedImages implements ImageStore {
  readonly #store: ImageStore;
  readonly #report: (body: ReportBody) => void;
  readonly #clock: Clock;
  readonly #told = new Map<string, string>();
  readonly #progressAt = new Map<string, number>();

  constructor(options: { store: ImageStore; report: (body: ReportBody) => void; clock: Clock }) {
    this.#store = options.store;
    this.#report = options.report;
    this.#clock = options.clock;
  }

  async get(image: DesiredImage): Promise<CachedImage | null> {
    const copy = await this.#store.get(image);
    this.#tell(image, copy === null ? { state: "absent" } : ready(copy));
    return copy;
  }

  async ensure(image: DesiredImage, options: Parameters<ImageStore["ensure"]>[1]): Promise<CachedImage> {
    try {
      const copy = await this.#store.ensure(image, {
        signal: options.signal,
        onProgress: (progress, phase) => {
          options.onProgress(progress, phase);
          const now = this.#clock.now();
          // Several instances waiting for one download are told together; the centre is told once.
          if (now - (this.#progressAt.get(image.id) ?? Number.NEGATIVE_INFINITY) < PROGRESS_INTERVAL_MS) return;
          this.#progressAt.set(image.id, now);
          this.#tell(image, { state: phase, progress });
        },
      });
      this.#tell(image, ready(copy));
      return copy;
    } catch (thrown) {
      if (options.signal.aborted) this.#tell(image, { state: "absent" });
      else this.#tell(image, { state: "failed", error: toAppError(thrown, `The image ${image.name} could not be fetched.`).toWire() });
      throw thrown;
    }
  }

  evict(sha256: string): Promise<number> {
    return this.#store.evict(sha256);
  }

  /** For a centre that has lost what it was told. */
  forgetTold(): void {
    this.#told.clear();
  }

  #tell(image: DesiredImage, news: Partial<ImageObservation> & Pick<ImageObservation, "state">): void {
    const body: ImageObservation = {
      kind: "image.observed",
      imageId: image.id,
      sha256: null,
      format: null,
      virtualSizeBytes: null,
      sizeBytes: null,
      progress: null,
      error: null,
      ...news,
    };
    const text = JSON.stringify(body);
    if (this.#told.get(image.id) === text) return;
    this.#told.set(image.id, text);
    this.#report(body);
  }
}

function ready(copy: CachedImage): Partial<ImageObservation> & Pick<ImageObservation, "state"> {
  return {
    state: "ready",
    sha256: copy.sha256,
    format: copy.format,
    virtualSizeBytes: copy.virtualSizeBytes,
    sizeBytes: copy.sizeBytes,
    path: copy.path.slice(0, 500),
  };
}
