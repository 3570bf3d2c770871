"use client";

import { Cpu, Search } from "lucide-react";
import { useState } from "react";
import { Checkbox } from "@/ui/checkbox";
import { CodeEditor } from "@/ui/code-editor";
import { Field } from "@/ui/field";
import { Fold } from "@/ui/fold";
import { Input } from "@/ui/input";
import { PasswordInput } from "@/ui/password-input";
import { RadioCards } from "@/ui/radio-cards";
import { Segments } from "@/ui/segments";
import { Select } from "@/ui/select";
import { Switch } from "@/ui/switch";
import { Textarea } from "@/ui/textarea";
import { Specimen, Specimens } from "./specimen";

const PROBLEMS = [
  { line: 2, column: 1, severity: "warning", message: "`apt_update` is deprecated. Use `package_update`." },
  { line: 4, column: 5, severity: "error", message: "`runcmd` → item 1 must be a list or a text." },
] as const;

export function FormGallery() {
  const [on, setOn] = useState(true);
  const [size, setSize] = useState<"small" | "large" | "huge">("small");
  const [span, setSpan] = useState<"1h" | "6h" | "7d">("6h");
  const [code, setCode] = useState(
    '#cloud-config\napt_update: true\nruncmd:\n  - echo: done # a map, for YAML\n  - [systemctl, restart, "nginx"]\n',
  );
  return (
    <Specimens title="Forms">
      <div className="grid min-w-0 gap-5 sm:grid-cols-2">
        <Field label="Name" hint="Its hostname too.">
          <Input defaultValue="web-1" />
        </Field>
        <Field label="Name taken" error="An instance named web-1 exists already. Choose another name.">
          <Input defaultValue="web-1" />
        </Field>
        <Field label="Search" optional aside={<span className="text-ink-3 text-xs">aside</span>}>
          <Input type="search" leading={<Search aria-hidden />} placeholder="By name, host or address" />
        </Field>
        <Field label="Disabled">
          <Input disabled defaultValue="cannot be changed" />
        </Field>
        <Field label="Password">
          <PasswordInput defaultValue="correct horse" autoComplete="off" />
        </Field>
        <Field label="Host">
          <Select defaultValue="any">
            <option value="any">Wherever there is room</option>
            <option value="lab-1">lab-1</option>
          </Select>
        </Field>
        <Field label="Tags" optional>
          <Textarea mono rows={3} defaultValue={"team: web\nenv: production"} />
        </Field>
        <Fold summary="Placement: wherever there is room">
          <p>Opened by whoever needs it.</p>
        </Fold>
      </div>
      <Specimen name="Checkbox, Switch">
        <Checkbox label="Checked" description="With a line below" checked={on} onCheckedChange={setOn} />
        <Checkbox label="Unchecked" checked={!on} onCheckedChange={(next) => setOn(!next)} />
        <Checkbox label="Disabled" checked disabled onCheckedChange={() => {}} />
        <Switch label="On" description="Takes effect at once" checked={on} onCheckedChange={setOn} />
        <Switch label="Off" checked={!on} onCheckedChange={(next) => setOn(!next)} />
        <Switch label="Disabled" checked={false} disabled onCheckedChange={() => {}} />
      </Specimen>
      <RadioCards
        label="Size"
        value={size}
        onValueChange={setSize}
        options={[
          { value: "small", title: "Small", description: "1 vCPU, 1 GiB", leading: <Cpu aria-hidden className="size-4" /> },
          { value: "large", title: "Large", description: "4 vCPUs, 8 GiB", footer: "Fits on 2 hosts" },
          { value: "huge", title: "Huge", description: "Fits nowhere now", disabled: true },
        ]}
      />
      <Specimen name="Segments">
        <Segments
          label="Time span"
          value={span}
          onValueChange={setSpan}
          options={[
            { value: "1h", label: "1 h", name: "One hour" },
            { value: "6h", label: "6 h", name: "Six hours" },
            { value: "7d", label: "7 d", name: "Seven days" },
          ]}
        />
      </Specimen>
      <Field label="User data" error="Line 4 keeps cloud-init from reading it.">
        <CodeEditor label="User data" value={code} onChange={setCode} placeholder="#cloud-config" language="yaml" problems={PROBLEMS} />
      </Field>
    </Specimens>
  );
}
