import { cloneElement, isValidElement, type ReactNode } from "react";

type Props = Readonly<Record<string, unknown>>;

/** The one child with these props beside its own. Where both have a handler for something both are called, the child's own first. */
export function withProps(child: ReactNode, given: Props): ReactNode {
  if (!isValidElement<Props>(child)) return child;
  const props = Object.entries(given).map(([name, value]) => {
    const own = child.props[name];
    const isShared = typeof value === "function" && typeof own === "function" && /^on[A-Z]/.test(name);
    return [name, isShared ? inTurn(own as Handler, value as Handler) : (value ?? own)];
  });
  return cloneElement(child, Object.fromEntries(props));
}

type Handler = (...event: readonly unknown[]) => void;
const inTurn =
  (first: Handler, second: Handler): Handler =>
  (...event) => {
    first(...event);
    second(...event);
  };
