import type { ImageView } from "@indium/contract/api/catalogue-views";
import { ImageProgress } from "@/features/images/image-state";
import { Alert } from "@/ui/alert";

/** Images are built in the background once per installation; until then others can be used. */
export function BuildingImages({ images }: { images: readonly ImageView[] }) {
  const building = images.filter((image) => image.state === "building");
  const usable = images.find((image) => image.state === "ready");
  return building.map((image) => (
    <Alert key={image.id} tone="info" title={`${image.name} is being built from the distribution's packages`}>
      <p className="mb-2.5">It takes a few minutes, once.{usable ? ` Meanwhile, ${usable.name} is ready to try.` : ""}</p>
      <ImageProgress label={`Building ${image.name}`} progress={image.progress} message={image.statusMessage} />
    </Alert>
  ));
}
