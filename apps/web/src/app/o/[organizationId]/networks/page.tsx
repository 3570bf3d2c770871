import { NetworksPage } from "@/features/networks/networks-page";

export default function Page() {
  return <NetworksPage />;
}
