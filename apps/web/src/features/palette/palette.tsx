"use client";

import type { SearchHit, SearchKind } from "@indium/contract/api/search";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Boxes, Disc3, MapPin, Network, Server, ShieldCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useOrganization } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { CommandDialog, CommandGroup, CommandItem } from "@/ui/command";
import { type Doable, matching } from "./commands";
import { useMakers, useOrganizations, useOwn, usePages } from "./general-commands";
import { useSubjectCommands } from "./subject-commands";

const DEBOUNCE_MS = 120;

interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onHelp: () => void;
}

/** Everything by its name: what can be done to the instance one looks at, things, pages, and what else there is to do. */
export function Palette({ open, onOpenChange, onHelp }: PaletteProps) {
  const t = useTranslations("palette");
  const trpc = useTRPC();
  const organization = useOrganization();
  const [text, setText] = useState("");
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    if (open) setText("");
  }, [open]);
  const found = useQuery({
    ...trpc.search.find.queryOptions({ organizationId: organization.id, text: settled }),
    enabled: open && settled !== "",
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const router = useRouter();
  const close = () => onOpenChange(false);
  const go = (href: string) => {
    close();
    router.push(href);
  };
  const { commands: subject, name, dialog } = useSubjectCommands(close, go);
  const groups: readonly { heading: string; commands: readonly Doable[] }[] = [
    { heading: name === null ? "" : name, commands: matching(subject, text) },
    { heading: t("headings.pages"), commands: matching(usePages(go), text) },
    { heading: t("headings.make"), commands: matching(useMakers(go), text) },
    { heading: t("headings.organizations"), commands: matching(useOrganizations(go), text) },
    { heading: "Indium", commands: matching(useOwn(close, onHelp), text) },
  ];
  const typed = text.trim();
  const isSearching = typed !== "" && (found.isFetching || settled !== typed);
  // What was found for an earlier text stays only as far as it fits the present one: Enter must not open what nobody asked for.
  const isStale = settled !== typed || found.isPlaceholderData;
  const hits = typed === "" ? [] : (found.data ?? []).filter((hit) => !isStale || hit.name.toLowerCase().includes(typed.toLowerCase()));
  const [things, rest] = [groups.slice(0, 1), groups.slice(1)];
  return (
    <>
      <CommandDialog
        open={open}
        onOpenChange={onOpenChange}
        title={t("title")}
        placeholder={t("placeholder")}
        text={text}
        onTextChange={setText}
        searching={isSearching}
        nothing={isSearching ? t("looking") : found.error !== null ? t("failed") : t("nothing", { organization: organization.name })}
        footer={t("footer")}
      >
        {things.map((group) => (
          <Commands key="subject" {...group} />
        ))}
        {KINDS.map((kind) => {
          const ofKind = hits.filter((hit) => hit.kind === kind);
          return ofKind.length === 0 ? null : (
            <CommandGroup key={kind} heading={t(`headings.${kind}`)}>
              {ofKind.map((hit) => (
                <CommandItem
                  key={hit.id}
                  value={hit.id}
                  icon={ICON[kind]}
                  about={hit.about}
                  onSelect={() => go(hrefOf(organization.id, hit))}
                >
                  {hit.name}
                </CommandItem>
              ))}
            </CommandGroup>
          );
        })}
        {rest.map((group) => (
          <Commands key={group.heading} {...group} />
        ))}
      </CommandDialog>
      {dialog}
    </>
  );
}

function Commands({ heading, commands }: { heading: string; commands: readonly Doable[] }) {
  if (commands.length === 0) return null;
  return (
    <CommandGroup heading={heading}>
      {commands.map((command) => (
        <CommandItem
          key={command.id}
          value={command.id}
          icon={command.icon}
          keys={command.keys}
          denial={command.denial}
          onSelect={command.act}
        >
          {command.label}
        </CommandItem>
      ))}
    </CommandGroup>
  );
}

const KINDS: readonly SearchKind[] = ["instance", "host", "network", "image", "securityGroup", "site"];
const ICON: Record<SearchKind, ReactNode> = {
  instance: <Boxes aria-hidden />,
  host: <Server aria-hidden />,
  network: <Network aria-hidden />,
  image: <Disc3 aria-hidden />,
  securityGroup: <ShieldCheck aria-hidden />,
  site: <MapPin aria-hidden />,
};

function hrefOf(organizationId: string, hit: SearchHit): string {
  switch (hit.kind) {
    case "instance":
      return paths.instance(organizationId, hit.id);
    case "host":
      return paths.host(organizationId, hit.id);
    case "network":
      return paths.networks(organizationId);
    case "image":
      return paths.images(organizationId);
    case "securityGroup":
      return paths.securityGroup(organizationId, hit.id);
    case "site":
      return paths.instancesOfSite(organizationId, hit.id);
  }
}
