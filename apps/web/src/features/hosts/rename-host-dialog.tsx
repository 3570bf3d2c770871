"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface HostDialogProps {
  host: HostView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function RenameHostDialog({ host, open, onOpenChange }: HostDialogProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const formId = useId();
  const [name, setName] = useState(host.name);
  const rename = useMutation({
    ...trpc.host.rename.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.host.pathFilter());
      onOpenChange(false);
    },
  });
  const { reset } = rename;
  useEffect(() => {
    if (!open) return;
    setName(host.name);
    reset();
  }, [open, host.name, reset]);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Rename host"
      description="The name in Indium; the machine's own host name stays."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            loading={rename.isPending}
            disabledReason={name.trim() === "" ? "Give it a name first." : null}
          >
            Rename
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") rename.mutate({ hostId: host.id, name: name.trim() });
        }}
      >
        <Field label="Name" error={rename.error ? wireErrorOf(rename.error).message : null}>
          <Input autoFocus maxLength={63} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
