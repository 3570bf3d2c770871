import type { ReactNode } from "react";
import { SettingsFrame } from "@/features/organizations/settings-frame";

export default function Layout({ children }: { children: ReactNode }) {
  return <SettingsFrame>{children}</SettingsFrame>;
}
