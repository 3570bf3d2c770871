import { ImagesPage } from "@/features/images/images-page";

export default function Page() {
  return <ImagesPage />;
}
