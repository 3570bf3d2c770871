"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { newId } from "@indium/contract/plain/ids";
import { useMutation, useQueries } from "@tanstack/react-query";
import { Dices } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { useFormat } from "@/lib/i18n/use-format";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Alert } from "@/ui/alert";
import { IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { componentOnDemand } from "@/ui/on-demand";
import { Skeleton } from "@/ui/skeleton";
import { AccessSection } from "./access-section";
import { type CreateForm, choices, problems, toInput } from "./create-form";
import { ImagePicker } from "./image-picker";
import { freeName } from "./name-generator";
import { generatePassword } from "./password-generator";
import { SizePicker } from "./size-picker";
import { Summary } from "./summary";

const PlacementSection = componentOnDemand(() => import("./placement-section").then((module) => module.PlacementSection), { soon: true });
const GroupsField = componentOnDemand(() => import("./groups-field").then((module) => module.GroupsField), { soon: true });
const FirmwareSection = componentOnDemand(() => import("./firmware-section").then((module) => module.FirmwareSection), { soon: true });
const MetadataField = componentOnDemand(() => import("./metadata-field").then((module) => module.MetadataField), { soon: true });
const UserDataField = componentOnDemand(() => import("../user-data/user-data-field").then((module) => module.UserDataField), {
  soon: true,
});

const UNTOUCHED: CreateForm = {
  name: "",
  imageId: null,
  sizeId: null,
  hostId: null,
  networkId: null,
  placement: null,
  securityGroupIds: null,
  diskGib: null,
  sshKeyIds: null,
  password: undefined,
  userData: "",
  dialect: null,
  metadataTokens: null,
  metadataHopLimit: 1,
  firmware: null,
  tpm: false,
  desktop: false,
};

/** The whole of an instance on one page; everything has a default, so that Create may be pressed at once. */
export function CreateInstancePage() {
  const t = useTranslations("instancesCreate");
  const common = useTranslations("common");
  const problem = useTranslations("instancesCreate.problems");
  const say = useKnownWords();
  const format = useFormat();
  const trpc = useTRPC();
  const router = useRouter();
  const organizationId = useOrganizationId();
  const denial = useDenial("instance.create");
  const [form, setForm] = useState<CreateForm>(UNTOUCHED);
  const change = useCallback((part: Partial<CreateForm>) => setForm((before) => ({ ...before, ...part })), []);
  const [userDataErrors, setUserDataErrors] = useState(false);
  const [tried, setTried] = useState(false);
  const fallbackPassword = useRef<string | null>(null);
  fallbackPassword.current ??= typeof window === "undefined" ? "" : generatePassword();
  const requestKey = useRef<string>(newId("request"));

  const [images, sizes, sshKeys, hosts, networks, groups, taken] = useQueries({
    queries: [
      trpc.image.list.queryOptions({ organizationId }),
      trpc.size.list.queryOptions(),
      trpc.sshKey.list.queryOptions({ organizationId }),
      trpc.host.list.queryOptions({ organizationId }),
      trpc.network.list.queryOptions({ organizationId }),
      trpc.securityGroup.list.queryOptions({ organizationId }),
      trpc.instance.list.queryOptions({ organizationId, limit: 200 }),
    ],
  });
  const newName = useCallback(() => freeName(new Set(taken.data?.items.map((each) => each.name) ?? []), Math.random), [taken.data]);
  useEffect(() => {
    // Names already taken are known by then; a name the user typed stays.
    if (taken.isPending) return;
    setForm((before) => (before.name === "" ? { ...before, name: newName() } : before));
  }, [taken.isPending, newName]);

  const create = useMutation({
    ...trpc.instance.create.mutationOptions(),
    onSuccess: ({ instanceId }) => router.push(paths.instance(organizationId, instanceId)),
    onError: (error) => {
      // A clear refusal frees the key; after silence the same key keeps a second try from making a second instance.
      if (error.data) requestKey.current = newId("request");
    },
  });

  const failed = [images, sizes, sshKeys, hosts, networks, groups].find((query) => query.error !== null && query.data === undefined);
  const frame = (contents: React.ReactNode) => (
    <Page title={t("title")} crumbs={[{ label: common("instances"), href: paths.instances(organizationId) }]} width="wide">
      {contents}
    </Page>
  );
  if (failed) return frame(<ErrorNotice title={t("loadFailed")} error={failed.error} onRetry={() => void failed.refetch()} />);
  if (!images.data || !sizes.data || !sshKeys.data || !hosts.data || !networks.data || !groups.data) return frame(<CreateSkeleton />);

  const chosen = choices(form, { images: images.data, sizes: sizes.data, sshKeys: sshKeys.data }, fallbackPassword.current ?? "");
  const found = problems(form, chosen, problem, say, format);
  const wire = create.error === null ? null : wireErrorOf(create.error);
  const serverError = (field: string) => (wire?.field === field ? say(wire.message) : undefined);
  const shown = (field: keyof typeof found, serverField: string) =>
    (tried || form.name !== "" ? found[field] : undefined) ?? serverError(serverField);
  const SHOWN_AT_FIELD = [
    "name",
    "diskBytes",
    "password",
    "userData",
    "sizeId",
    "imageId",
    "dialect",
    "securityGroupIds",
    "hostId",
    "networkId",
  ];

  const submit = () => {
    setTried(true);
    const input = toInput(form, chosen, organizationId, requestKey.current);
    if (denial !== null || create.isPending || Object.keys(found).length > 0 || userDataErrors || input === null) {
      document.querySelector<HTMLElement>("form [aria-invalid=true]")?.focus();
      return;
    }
    create.mutate(input);
  };
  const first = Object.values(found)[0] ?? (userDataErrors ? problem("userDataErrors") : null);

  return frame(
    <form
      method="post"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
          event.preventDefault();
          submit();
        }
      }}
      className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_18rem]"
    >
      <div className="flex min-w-0 flex-col gap-5">
        {hosts.data.some((host) => host.state === "online") ? null : (
          <Alert tone="warn" title={t("noHost.title")}>
            {t("noHost.description")}
          </Alert>
        )}
        <Section title={common("image")} description={t("image.description")}>
          <ImagePicker
            images={images.data}
            value={chosen.image?.id ?? null}
            onChange={(imageId) => change({ imageId, dialect: null, metadataTokens: null, metadataHopLimit: 1 })}
          />
          <FieldError>{(tried ? found.image : undefined) ?? serverError("imageId")}</FieldError>
        </Section>
        <Section title={common("size")}>
          <SizePicker
            sizes={sizes.data}
            image={chosen.image}
            largestHostBytes={largestHost(hosts.data)}
            value={chosen.size?.id ?? null}
            onChange={(sizeId) => change({ sizeId })}
          />
          <FieldError>{found.size ?? serverError("sizeId")}</FieldError>
          <Field label={t("size.disk")} error={shown("disk", "diskBytes")} hint={t("size.diskHint")} className="mt-4 max-w-64">
            <Input
              inputMode="decimal"
              autoComplete="off"
              value={form.diskGib ?? (chosen.size === null ? "" : String(chosen.size.diskBytes / 1024 ** 3))}
              onChange={(event) => change({ diskGib: event.target.value })}
            />
          </Field>
        </Section>
        <Section title={t("access.title")} description={t("access.description")}>
          <AccessSection
            image={chosen.image}
            sshKeys={sshKeys.data}
            selected={chosen.sshKeyIds}
            onSelectedChange={(sshKeyIds) => change({ sshKeyIds, password: chosen.password })}
            password={chosen.password}
            passwordError={shown("password", "password")}
            onPasswordChange={(password) => change({ password })}
          />
        </Section>
        <Section title={t("nameAndPlace")}>
          <Field label={common("name")} error={shown("name", "name")} hint={t("nameHint")}>
            <div className="flex max-w-md gap-1">
              <Input
                autoComplete="off"
                spellCheck={false}
                maxLength={63}
                value={form.name}
                onChange={(event) => change({ name: event.target.value.toLowerCase() })}
              />
              <IconButton label={t("anotherName")} size="iconLg" onClick={() => change({ name: newName() })}>
                <Dices aria-hidden />
              </IconButton>
            </div>
          </Field>
          <div className="mt-5 flex flex-col gap-5">
            <PlacementSection
              hosts={hosts.data}
              networks={networks.data}
              hostId={form.hostId}
              networkId={form.networkId}
              placement={form.placement}
              sizeId={chosen.size?.id ?? null}
              onChange={change}
            />
            <FieldError>{serverError("hostId") ?? serverError("networkId")}</FieldError>
            <GroupsField
              groups={groups.data}
              selected={form.securityGroupIds}
              onChange={(securityGroupIds) => change({ securityGroupIds })}
              error={serverError("securityGroupIds")}
            />
            <FirmwareSection image={chosen.image} form={form} onChange={change} />
          </div>
        </Section>
        <Section title={t("firstBoot")}>
          <UserDataField
            value={form.userData}
            onChange={(userData) => change({ userData })}
            error={shown("userData", "userData")}
            onVerdict={setUserDataErrors}
          />
          <div className="mt-5">
            <MetadataField image={chosen.image} form={form} onChange={change} error={serverError("dialect")} />
          </div>
        </Section>
      </div>
      <Summary
        name={form.name}
        chosen={chosen}
        hostName={hosts.data.find((host) => host.id === form.hostId)?.name ?? null}
        networkName={networks.data.find((network) => network.id === form.networkId)?.name ?? null}
        hasUserData={form.userData.trim() !== ""}
        pending={create.isPending || create.isSuccess}
        refusal={denial ?? first}
        error={
          wire !== null && !SHOWN_AT_FIELD.includes(wire.field ?? "") ? <ErrorNotice title={t("notCreated")} error={create.error} /> : null
        }
      />
    </form>,
  );
}

function largestHost(hosts: readonly HostView[]): number | null {
  const sizes = hosts.flatMap((host) => (host.state === "online" && host.facts !== null ? [host.facts.memoryBytes] : []));
  return sizes.length === 0 ? null : Math.max(...sizes);
}

function FieldError({ children }: { children: string | undefined }) {
  return (
    <div aria-live="polite" className="empty:hidden">
      {children ? <p className="mt-2 text-bad">{children}</p> : null}
    </div>
  );
}

function CreateSkeleton() {
  const t = useTranslations("instancesCreate");
  return (
    <div role="status" aria-label={t("loading")} className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="flex flex-col gap-5">
        <Skeleton className="h-64 rounded-xl" />
        <Skeleton className="h-48 rounded-xl" />
        <Skeleton className="h-28 rounded-xl" />
      </div>
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
