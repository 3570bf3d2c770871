import { type ClassValue, clsx } from "clsx";

/**
 * Class names joined. Of two Tailwind classes for one property not the later one counts but the one that stands later in the style sheet:
 * a component leaves out what a caller is to choose, and offers a choice (`size`, `columns`) or a default (`className = "size-4"`) for it. The
 * tour of all pages (e2e) looks for two that contradict each other.
 */
export function cn(...classes: ClassValue[]): string {
  return clsx(classes);
}
