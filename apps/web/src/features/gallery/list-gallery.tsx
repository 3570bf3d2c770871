"use client";

import { useState } from "react";
import { Section } from "@/ui/card";
import type { Column } from "@/ui/data-table";
import { ListBar } from "@/ui/list-bar";
import { RowCheckbox } from "@/ui/row-checkbox";
import { SearchField } from "@/ui/search-field";
import { SortHeader, type TableSort } from "@/ui/sort-header";
import { VirtualTable } from "@/ui/virtual-table";
import { Specimen, Specimens } from "./specimen";

interface Row {
  name: string;
  host: string;
}
const ROWS: readonly Row[] = Array.from({ length: 12 }, (_, index) => ({ name: `web-${index + 1}`, host: `lab-${(index % 3) + 1}` }));
const COLUMNS: readonly Column<Row>[] = [
  { key: "name", header: "Name", primary: true, cell: (row) => <span className="font-medium">{row.name}</span> },
  { key: "host", header: "Host", cell: (row) => row.host },
];
const nothing = () => {};

export function ListGallery() {
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<TableSort>({ key: "name", direction: "asc" });
  const [chosen, setChosen] = useState(true);
  return (
    <Specimens title="Long lists">
      <ListBar status="12 instances">
        <SearchField label="Search the example" placeholder="By name" value={search} onChange={setSearch} />
      </ListBar>
      <Specimen name="RowCheckbox, SortHeader">
        <RowCheckbox label="Choose one" checked={chosen} onToggle={() => setChosen(!chosen)} />
        <RowCheckbox label="Choose some" checked={false} some onToggle={nothing} />
        <RowCheckbox label="Cannot be chosen" checked={false} disabled onToggle={nothing} />
        <SortHeader column="name" sort={sort} onSort={setSort}>
          Name
        </SortHeader>
        <SortHeader column="host" sort={sort} onSort={setSort}>
          Host
        </SortHeader>
      </Specimen>
      <Section title="A virtual table" flush>
        <VirtualTable
          label="Example of a long list"
          columns={COLUMNS}
          rows={ROWS}
          rowKey={(row) => row.name}
          total={ROWS.length}
          identity="gallery"
          more={false}
          onVisible={nothing}
        />
      </Section>
    </Specimens>
  );
}
