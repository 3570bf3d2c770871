"use client";

import type { InstanceListItem } from "@indium/contract/api/instance-views";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useFollowOperation } from "@/features/operations/operation-toasts";
import { useTRPCClient } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { useToast } from "@/ui/toast";
import { ACTION_WORDS, type PowerAction } from "./action-words";

type Subject = Pick<InstanceListItem, "id" | "name" | "state" | "actions">;

interface InstanceActions {
  /** Asks for it; those that cost the guest its work ask the user first. */
  act: (instance: Subject, action: PowerAction) => void;
  /** The action on its way to the server, for this instance. */
  sending: (instance: Pick<Subject, "id">) => PowerAction | null;
  /** Put this into the page once: the questions asked before. */
  dialog: ReactNode;
}

export function useInstanceActions(): InstanceActions {
  const client = useTRPCClient();
  const toast = useToast();
  const follow = useFollowOperation();
  const [asked, setAsked] = useState<{ instance: Subject; action: PowerAction } | null>(null);
  const [inFlight, setInFlight] = useState<{ id: string; action: PowerAction } | null>(null);

  const mutation = useMutation({
    mutationFn: ({ instance, action }: { instance: Subject; action: PowerAction }) =>
      client.instance[action].mutate({ instanceId: instance.id }),
  });

  const send = (instance: Subject, action: PowerAction) => {
    setInFlight({ id: instance.id, action });
    mutation.mutate(
      { instance, action },
      {
        onSuccess: (operation) => {
          follow(operation.id);
          setAsked(null);
        },
        onError: (error) => {
          const wire = wireErrorOf(error);
          toast.show({ tone: "bad", title: `${ACTION_WORDS[action].label} was refused: ${instance.name}`, description: wire.message });
          setAsked(null);
        },
        onSettled: () => setInFlight(null),
      },
    );
  };

  const question = asked === null ? undefined : ACTION_WORDS[asked.action].confirm;
  return {
    act: (instance, action) => {
      if (ACTION_WORDS[action].confirm) setAsked({ instance, action });
      else send(instance, action);
    },
    sending: (instance) => (inFlight?.id === instance.id ? inFlight.action : null),
    dialog:
      asked === null || question === undefined ? null : (
        <ConfirmDialog
          open
          onOpenChange={(open) => {
            if (!open) setAsked(null);
          }}
          title={question.title(asked.instance.name)}
          description={question.description}
          confirmLabel={question.confirmLabel}
          loading={inFlight !== null}
          {...(asked.action === "delete" ? { typeToConfirm: asked.instance.name } : {})}
          onConfirm={() => send(asked.instance, asked.action)}
        >
          {question.details}
        </ConfirmDialog>
      ),
  };
}
