"use client";

import { useState } from "react";
import { StateBadge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, Section } from "@/ui/card";
import { type Column, DataTable } from "@/ui/data-table";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { Sparkline } from "@/ui/sparkline";
import { Tabs } from "@/ui/tabs";
import { TimeChart } from "@/ui/time-chart";
import type { Tone } from "@/ui/tone";
import { Specimen, Specimens } from "./specimen";

interface Row {
  name: string;
  tone: Tone;
  state: string;
  host: string;
  memory: string;
}
const ROWS: readonly Row[] = [
  { name: "web-1", tone: "good", state: "running", host: "lab-1", memory: "2 GiB" },
  { name: "db-1", tone: "bad", state: "failed", host: "lab-2", memory: "16 GiB" },
  {
    name: "a-name-that-goes-on-and-on-until-nobody-reads-it-any-more-at-all",
    tone: "quiet",
    state: "stopped",
    host: "lab-1",
    memory: "512 MiB",
  },
];
const COLUMNS: readonly Column<Row>[] = [
  { key: "name", header: "Name", primary: true, cell: (row) => <span className="truncate font-medium">{row.name}</span> },
  { key: "state", header: "State", cell: (row) => <StateBadge tone={row.tone}>{row.state}</StateBadge> },
  { key: "host", header: "Host", from: "md", cell: (row) => row.host },
  { key: "memory", header: "Memory", align: "end", cell: (row) => <span className="tabular">{row.memory}</span> },
];
const WAVE = Array.from({ length: 60 }, (_, index) => 0.4 + 0.3 * Math.sin(index / 5));
const GAPS = WAVE.map((value, index) => (index > 25 && index < 32 ? null : value * 0.6));
const LINES = [
  { label: "web-1", values: WAVE },
  { label: "db-1", values: GAPS },
];

export function DataGallery({ now }: { now: Date }) {
  const [tab, setTab] = useState<"one" | "two">("one");
  return (
    <Specimens title="Data">
      <PageHeader
        title="web-1"
        badges={<StateBadge tone="good">running</StateBadge>}
        description="On lab-1, for 3 h 12 min"
        actions={<Button variant="primary">Open console</Button>}
      />
      <Section title="A section" description="With a line below its title" aside={<Button size="sm">Aside</Button>}>
        <Facts
          facts={[
            { label: "Image", value: "Debian 12" },
            { label: "Size", value: "1 vCPU · 2 GiB" },
            { label: "Address", value: "10.20.0.7" },
            { label: "Made by", value: "Ada" },
          ]}
        />
      </Section>
      <Section title="A table" flush>
        <DataTable label="Example instances" columns={COLUMNS} rows={ROWS} rowKey={(row) => row.name} />
      </Section>
      <Card className="p-4">A card, for what needs no title.</Card>
      <Tabs
        label="Example tabs"
        value={tab}
        onValueChange={setTab}
        tabs={[
          { value: "one", label: "One", content: "What is in the first." },
          { value: "two", label: "Two", content: "What is in the second." },
        ]}
      />
      <Specimen name="Sparkline">
        <div className="w-full max-w-xs">
          <Sparkline label="CPU of the last minutes" values={WAVE} max={1} />
        </div>
      </Specimen>
      <TimeChart
        title="CPU"
        from={now.getTime() - 60 * 15_000}
        stepMs={15_000}
        lines={LINES}
        format={(value) => `${Math.round(value * 100)} %`}
        top={1}
        summary="An example with a gap in its second line."
        syncKey="gallery"
      />
    </Specimens>
  );
}
