import { notFound } from "next/navigation";

/** An address that leads nowhere is said so within the frame, with its menu beside it. */
export default function Page(): never {
  notFound();
}
