import { AddHostPage } from "@/features/hosts/add-host-page";

export default function Page() {
  return <AddHostPage />;
}
