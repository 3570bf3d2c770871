import type { ReactNode } from "react";
import { SettingsFrame } from "@/features/organizations/settings-frame";
import { Words } from "@/lib/i18n/words";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <Words rooms={["organizations"]}>
      <SettingsFrame>{children}</SettingsFrame>
    </Words>
  );
}
