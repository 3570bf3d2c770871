import { HostsPage } from "@/features/hosts/hosts-page";

export default function Page() {
  return <HostsPage />;
}
