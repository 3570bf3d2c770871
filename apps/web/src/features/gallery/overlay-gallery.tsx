"use client";

import { Boxes, Play, Server, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/button";
import { CommandDialog, CommandGroup, CommandItem } from "@/ui/command";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog, Sheet } from "@/ui/dialog";
import { Menu, MenuItem, MenuLabel, MenuRadioGroup, MenuSeparator } from "@/ui/dropdown-menu";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { Specimen, Specimens } from "./specimen";

const OVERLAYS = ["dialog", "confirm", "form", "sheet", "commands"] as const;
type Overlay = (typeof OVERLAYS)[number];
const LABEL: Record<Overlay, string> = {
  dialog: "Open dialog",
  confirm: "Open confirmation",
  form: "Open form dialog",
  sheet: "Open sheet",
  commands: "Open command dialog",
};

/** What covers the page, opened by its button. */
export function OverlayGallery() {
  const [open, setOpen] = useState<Overlay | null>(null);
  const [theme, setTheme] = useState<"light" | "dark">("light");
  const [text, setText] = useState("");
  const change = (overlay: Overlay) => (on: boolean) => setOpen(on ? overlay : null);
  const close = () => setOpen(null);
  return (
    <Specimens title="Overlays">
      <Specimen name="Dialog, ConfirmDialog, FormDialog, Sheet, CommandDialog">
        {OVERLAYS.map((overlay) => (
          <Button key={overlay} onClick={() => setOpen(overlay)}>
            {LABEL[overlay]}
          </Button>
        ))}
      </Specimen>
      <Specimen name="Menu">
        <Menu align="start" trigger={<Button>Open menu</Button>}>
          <MenuLabel>A label</MenuLabel>
          <MenuItem icon={<Play aria-hidden />}>Start</MenuItem>
          <MenuItem icon={<Server aria-hidden />} disabledReason="The host cannot be reached.">
            Move
          </MenuItem>
          <MenuSeparator />
          <MenuRadioGroup
            label="Theme"
            value={theme}
            onValueChange={setTheme}
            options={[
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
          />
          <MenuSeparator />
          <MenuItem danger icon={<Trash2 aria-hidden />}>
            Delete
          </MenuItem>
        </Menu>
      </Specimen>
      <Dialog
        open={open === "dialog"}
        onOpenChange={change("dialog")}
        title="A dialog"
        description="What it is about."
        footer={<Button onClick={close}>Close it</Button>}
      >
        Something to read.
      </Dialog>
      <ConfirmDialog
        open={open === "confirm"}
        onOpenChange={change("confirm")}
        title="Delete web-1?"
        description="Its disk goes for good."
        confirmLabel="Delete instance"
        typeToConfirm="web-1"
        onConfirm={close}
      />
      {open === "form" ? (
        <FormDialog
          title="A form"
          submitLabel="Save"
          pending={false}
          disabledReason="Give it a name first."
          onClose={close}
          onSubmit={close}
        >
          <Field label="Name" error="Give it a name.">
            <Input />
          </Field>
        </FormDialog>
      ) : null}
      <Sheet open={open === "sheet"} onOpenChange={change("sheet")} title="A sheet">
        <p className="p-5">Navigation on small screens.</p>
      </Sheet>
      <CommandDialog
        open={open === "commands"}
        onOpenChange={change("commands")}
        title="Example commands"
        placeholder="Search…"
        text={text}
        onTextChange={setText}
        searching={false}
        nothing="Nothing is called that."
        footer="↑ ↓ to choose, Enter to open, Esc to close"
      >
        <CommandGroup heading="Instances">
          <CommandItem value="web-1" icon={<Boxes aria-hidden />} about="lab-1" onSelect={close}>
            web-1
          </CommandItem>
          <CommandItem value="stop" icon={<Play aria-hidden />} denial="It runs already." keys={["s"]} onSelect={close}>
            Start web-1
          </CommandItem>
        </CommandGroup>
      </CommandDialog>
    </Specimens>
  );
}
