import { CreateInstancePage } from "@/features/instances/create/create-instance-page";

export default function Page() {
  return <CreateInstancePage />;
}
