"use client";

import type { InstanceListItem } from "@indium/contract/api/instance-views";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useFollowOperation } from "@/features/operations/operation-toasts";
import { useTRPCClient } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { componentOnDemand } from "@/ui/on-demand";
import { useToast } from "@/ui/toast";
import type { AskedFirst } from "./action-question";
import type { PowerAction } from "./action-words";

const ActionQuestion = componentOnDemand(() => import("./action-question").then((module) => module.ActionQuestion));

type Subject = Pick<InstanceListItem, "id" | "name" | "state" | "actions">;

interface InstanceActions {
  /** Asks for it; those that cost the guest its work ask the user first. */
  act: (instance: Subject, action: PowerAction) => void;
  /** The action on its way to the server, for this instance. */
  sending: (instance: Pick<Subject, "id">) => PowerAction | null;
  /** Put this into the page once: the questions asked before. */
  dialog: ReactNode;
}

function isAskedFirst(action: PowerAction): action is AskedFirst {
  switch (action) {
    case "forceStop":
    case "reset":
    case "reprovision":
    case "delete":
      return true;
    case "start":
    case "stop":
    case "reboot":
    case "pause":
    case "resume":
      return false;
  }
}

export function useInstanceActions(): InstanceActions {
  const t = useTranslations("instances");
  const client = useTRPCClient();
  const toast = useToast();
  const follow = useFollowOperation();
  const [asked, setAsked] = useState<{ instance: Subject; action: AskedFirst } | null>(null);
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
          toast.show({
            tone: "bad",
            title: t("refused", { action: t(`actions.${action}`), name: instance.name }),
            description: wire.message,
          });
          setAsked(null);
        },
        onSettled: () => setInFlight(null),
      },
    );
  };

  return {
    act: (instance, action) => {
      if (isAskedFirst(action)) setAsked({ instance, action });
      else send(instance, action);
    },
    sending: (instance) => (inFlight?.id === instance.id ? inFlight.action : null),
    dialog:
      asked === null ? null : (
        <ActionQuestion
          {...asked}
          sending={inFlight !== null}
          onCancel={() => setAsked(null)}
          onConfirm={() => send(asked.instance, asked.action)}
        />
      ),
  };
}
