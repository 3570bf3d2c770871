import { SizesPage } from "@/features/sizes/sizes-page";

export default function Page() {
  return <SizesPage />;
}
