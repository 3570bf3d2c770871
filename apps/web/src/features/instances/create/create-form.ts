import type { ImageView, SizeView, SshKeyView } from "@indium/contract/api/catalogue-views";
import type { InstanceCreateInput } from "@indium/contract/api/instance-views";
import type { HostId, ImageId, NetworkId, OrganizationId, SecurityGroupId, SizeId, SshKeyId } from "@indium/contract/ids";
import type { MetadataDialect, MetadataTokens } from "@indium/contract/metadata-dialect";
import { GIB } from "@indium/contract/plain/bytes";
import { INPUT_WORDS } from "@indium/contract/plain/input-words";
import { instanceNameFault } from "@indium/contract/plain/instance-name";
import type { PlacementStrategy } from "@indium/contract/states";
import type { useTranslations } from "use-intl/react";
import type { Format } from "@/lib/i18n/format";
import type { Say } from "@/lib/i18n/use-known-words";

/** The create page's answers as they stand; null where the default still holds. */
export interface CreateForm {
  name: string;
  imageId: ImageId | null;
  sizeId: SizeId | null;
  hostId: HostId | null;
  networkId: NetworkId | null;
  /** Null: as the organization's settings say. */
  placement: PlacementStrategy | null;
  /** Null: the organization's default group. */
  securityGroupIds: readonly SecurityGroupId[] | null;
  /** As typed, in GiB; null for the size's own. */
  diskGib: string | null;
  sshKeyIds: readonly SshKeyId[] | null;
  /** Null: no password. Undefined: nobody has said yet. */
  password: string | null | undefined;
  userData: string;
  /** Null: as the image says. */
  dialect: MetadataDialect | null;
  metadataTokens: MetadataTokens | null;
  metadataHopLimit: number;
  /** Null: as the image says, without Secure Boot. */
  firmware: FirmwareChoice | null;
  tpm: boolean;
  desktop: boolean;
}

export type FirmwareChoice = "bios" | "uefi" | "uefi-secure";

export interface Catalogue {
  images: readonly ImageView[];
  sizes: readonly SizeView[];
  sshKeys: readonly SshKeyView[];
}

export interface Choices {
  image: ImageView | null;
  size: SizeView | null;
  diskBytes: number | null;
  sshKeyIds: readonly SshKeyId[];
  password: string | null;
}

/** The image people most likely want: one that is here already and has booted here, Debian before the rest. */
export function defaultImage(images: readonly ImageView[]): ImageView | null {
  const rank = (image: ImageView) =>
    (image.state === "ready" ? 0 : 100) +
    (image.bootedHere ? 0 : 10) +
    (image.operatingSystem === "debian" ? 0 : image.operatingSystem === "tiny" ? 1 : 2);
  return [...images].filter((image) => image.state !== "failed").sort((left, right) => rank(left) - rank(right))[0] ?? null;
}

/** The smallest size in which the image is at ease. */
export function defaultSize(sizes: readonly SizeView[], image: ImageView | null): SizeView | null {
  const ascending = [...sizes].sort((left, right) => left.memoryBytes - right.memoryBytes || left.vcpus - right.vcpus);
  const fitting = ascending.find((size) => image === null || fits(size, image));
  return fitting ?? ascending.at(-1) ?? null;
}

export function fits(size: SizeView, image: ImageView): boolean {
  return size.memoryBytes >= image.minimumMemoryBytes;
}

/**
 * What Create would ask for now. Without an answer all the organization's keys may log in, and where there is no key a
 * password is made up (`fallbackPassword`), so that pressing Create at once gives a machine one can enter.
 */
export function choices(form: CreateForm, catalogue: Catalogue, fallbackPassword: string): Choices {
  const image = catalogue.images.find((each) => each.id === form.imageId) ?? defaultImage(catalogue.images);
  const size = catalogue.sizes.find((each) => each.id === form.sizeId) ?? defaultSize(catalogue.sizes, image);
  const sshKeyIds = form.sshKeyIds ?? catalogue.sshKeys.map((key) => key.id);
  const password = form.password === undefined ? (sshKeyIds.length === 0 ? fallbackPassword : null) : form.password;
  return { image, size, sshKeyIds, password, diskBytes: diskBytesOf(form, size) };
}

function diskBytesOf(form: CreateForm, size: SizeView | null): number | null {
  if (form.diskGib === null) return size?.diskBytes ?? null;
  const gib = Number(form.diskGib.replace(",", "."));
  return Number.isFinite(gib) && gib > 0 ? Math.round(gib * GIB) : null;
}

export type FormField = "name" | "image" | "size" | "disk" | "password" | "userData";

/** What is wrong with the answers, per field; empty when Create may be pressed. */
export function problems(
  form: CreateForm,
  chosen: Choices,
  t: ReturnType<typeof useTranslations<"instancesCreate.problems">>,
  say: Say,
  format: Pick<Format, "decimal">,
): Partial<Record<FormField, string>> {
  const found: Partial<Record<FormField, string>> = {};
  const fault = instanceNameFault(form.name);
  if (fault !== null) found.name = say(fault);
  if (chosen.image === null) found.image = t("image");
  if (chosen.size === null) found.size = t("size");
  if (chosen.image !== null && chosen.size !== null && !fits(chosen.size, chosen.image)) {
    found.size = t("sizeTooSmall", { image: chosen.image.name, size: chosen.size.name });
  }
  if (chosen.diskBytes === null) found.disk = t("disk");
  else if (chosen.image !== null && chosen.diskBytes < chosen.image.minimumDiskBytes) {
    found.disk = t("diskTooSmall", {
      image: chosen.image.name,
      size: format.decimal(Math.ceil((chosen.image.minimumDiskBytes / GIB) * 10) / 10),
    });
  }
  if (chosen.password !== null && chosen.password.length < 8) found.password = say(INPUT_WORDS.password8);
  if (new TextEncoder().encode(form.userData).length > 65_536) found.userData = say(INPUT_WORDS.userDataSize);
  return found;
}

/** The request; null while something needed is missing. */
export function toInput(form: CreateForm, chosen: Choices, organizationId: OrganizationId, requestKey: string): InstanceCreateInput | null {
  if (chosen.image === null || chosen.size === null || chosen.diskBytes === null) return null;
  return {
    organizationId,
    name: form.name,
    imageId: chosen.image.id,
    sizeId: chosen.size.id,
    hostId: form.hostId,
    networkId: form.networkId,
    placement: form.placement,
    securityGroupIds: form.securityGroupIds === null ? null : [...form.securityGroupIds],
    diskBytes: form.diskGib === null ? null : chosen.diskBytes,
    sshKeyIds: [...chosen.sshKeyIds],
    password: chosen.password,
    userData: form.userData.trim() === "" ? null : form.userData,
    dialect: form.dialect,
    metadataTokens: form.metadataTokens,
    metadataHopLimit: form.metadataHopLimit,
    firmware: form.firmware === "uefi-secure" ? "uefi" : form.firmware,
    secureBoot: form.firmware === "uefi-secure",
    tpm: form.tpm,
    desktop: form.desktop,
    requestKey,
  };
}
