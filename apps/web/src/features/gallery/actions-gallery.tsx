"use client";

import { Ellipsis, Play, Plus, Trash2 } from "lucide-react";
import { Button, IconButton } from "@/ui/button";
import { CodeLine, CopyButton, CopyValue } from "@/ui/copy-button";
import { Kbd } from "@/ui/kbd";
import { Spinner } from "@/ui/spinner";
import { Tooltip } from "@/ui/tooltip";
import { Specimen, Specimens } from "./specimen";

const VARIANTS = ["primary", "secondary", "ghost", "danger", "dangerQuiet"] as const;

export function ActionsGallery() {
  return (
    <Specimens title="Actions">
      {VARIANTS.map((variant) => (
        <Specimen key={variant} name={`Button ${variant}`}>
          <Button variant={variant}>
            <Play aria-hidden />
            Start
          </Button>
          <Button variant={variant} size="sm">
            Small
          </Button>
          <Button variant={variant} size="lg">
            Large
          </Button>
          <Button variant={variant} loading>
            Working
          </Button>
          <Button variant={variant} disabledReason="The VM runs already.">
            Refused
          </Button>
          <Button variant={variant} asChild>
            <a href="#gallery">As a link</a>
          </Button>
        </Specimen>
      ))}
      <Specimen name="IconButton">
        <IconButton label="Add">
          <Plus aria-hidden />
        </IconButton>
        <IconButton label="Delete" variant="dangerQuiet">
          <Trash2 aria-hidden />
        </IconButton>
        <IconButton label="More" disabledReason="Nothing more to do.">
          <Ellipsis aria-hidden />
        </IconButton>
      </Specimen>
      <Specimen name="CopyButton, CopyValue, CodeLine">
        <CopyButton text="copied" label="Copy the word" />
        <CopyValue value="10.20.0.7" label="Copy address" />
        <div className="w-full max-w-xl">
          <CodeLine code="ssh -J root@lab-1.example debian@10.20.0.7" label="Copy command" />
        </div>
      </Specimen>
      <Specimen name="Tooltip, Kbd, Spinner">
        <Tooltip content="Said when one points at it, or comes to it by keyboard">
          <Button>Point at me</Button>
        </Tooltip>
        <Kbd keys={["Ctrl", "K"]} />
        <Spinner />
      </Specimen>
    </Specimens>
  );
}
